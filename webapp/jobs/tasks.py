"""The jobs by name, each thin: it opens what it needs and calls a service. All are safe to run twice."""

from typing import IO

from procrastinate import App, JobContext, RetryStrategy

from db.models import TaskImport
from db.queries.accounts import invitations
from db.queries.site import sent_forms
from db.repositories import OwnershipOfferRepository
from webapp.integrations.mail import Letter
from webapp.integrations.queue import IMPORTS, MAIL, WEBHOOKS
from webapp.jobs.work import Work
from webapp.services.accounts import credentials, recovery, registration, second_step, security_notices
from webapp.services.contributing import deadlines
from webapp.services.importing import automatic, task_imports
from webapp.services.importing.sources import reopen
from webapp.services.projects import ownership, review, webhooks
from webapp.services.site import failed_jobs, figures, files

EVERY_FIVE_MINUTES = "*/5 * * * *"
DAILY = "17 3 * * *"
NIGHTLY = "43 2 * * *"
AUTOIMPORTS = "13 1 * * *"
KEPT_WEEKS = 6
"""How long permission to answer outlives its task's completion."""
IMPORT_RETRIES = 5
WEBHOOK_RETRIES = 5
"""Of jobs that were cut short; a server that does not answer is not asked again (docs/contract/jobs.md 6)."""


def register(app: App, work: Work) -> None:
    """Give the app its jobs."""
    _register_imports(app, work)
    _register_webhooks(app, work)
    _register_mail(app, work)
    _register_project_mail(app, work)
    _register_files(app, work)
    _register_figures(app, work)
    _register_upkeep(app, work)


def _register_imports(app: App, work: Work) -> None:
    async def source(row: TaskImport) -> IO[bytes]:
        return await reopen(work.outbound, work.storage, row.options)

    async def forget(ended: TaskImport | None) -> None:
        """Whatever came of it, its upload is not needed any more; of what came by itself the owner is told."""
        if ended is not None:
            await work.file_store.release(ended)
            await automatic.report(work.database, work.queue, ended)

    retry = RetryStrategy(max_attempts=IMPORT_RETRIES, exponential_wait=3)

    @app.task(name=task_imports.JOB, queue=IMPORTS, retry=retry, pass_context=True)
    async def import_tasks(context: JobContext, import_id: int) -> None:
        try:
            await forget(await task_imports.run(work.database, import_id, source))
        except Exception as error:
            if context.job.attempts >= IMPORT_RETRIES:
                await forget(await task_imports.fail(work.database, import_id, error))
            raise

    @app.periodic(cron=AUTOIMPORTS)
    @app.task(name="start_autoimports", queue="low", queueing_lock="start_autoimports")
    async def start_autoimports(timestamp: int) -> None:
        await automatic.start_all(work.database, work.queue, work.settings)


def _register_webhooks(app: App, work: Work) -> None:
    retry = RetryStrategy(max_attempts=WEBHOOK_RETRIES, exponential_wait=3)

    @app.task(name=webhooks.JOB, queue=WEBHOOKS, retry=retry)
    async def deliver_webhook(project_id: int, task_id: int, result_id: int, fired_at: str) -> None:
        await webhooks.deliver(work.database, work.outbound, project_id, task_id, result_id, fired_at)

    @app.task(name=webhooks.AGAIN, queue=WEBHOOKS, retry=retry)
    async def redeliver_webhook(webhook_id: int) -> None:
        await webhooks.redeliver(work.database, work.outbound, webhook_id)


def _register_mail(app: App, work: Work) -> None:
    retry = RetryStrategy(max_attempts=6, exponential_wait=8)

    @app.task(name=recovery.SEND_LINK, queue=MAIL, retry=retry)
    async def send_recovery_link(email_addr: str) -> None:
        async with work.database.unit(read_only=True) as uow:
            letter = await recovery.link_for(uow.session, work.settings, email_addr)
        if letter is not None:
            await work.mail.send(letter)

    @app.task(name=registration.SEND_LINK, queue=MAIL, retry=retry)
    async def send_registration_link(token: str) -> None:
        async with work.database.unit(read_only=True) as uow:
            letter = await registration.letter_for(uow.session, work.settings, token)
        if letter is not None:
            await work.mail.send(letter)


def _register_project_mail(app: App, work: Work) -> None:
    """Letters to owners, which a site that cannot send mail goes without."""
    retry = RetryStrategy(max_attempts=6, exponential_wait=8)

    async def send(letter: Letter | None) -> None:
        if letter is not None and work.mail.available:
            await work.mail.send(letter)

    @app.task(name=ownership.SEND_OFFER, queue=MAIL, retry=retry)
    async def send_ownership_offer(offer_id: int) -> None:
        async with work.database.unit(read_only=True) as uow:
            letter = await ownership.letter_for(uow.session, work.settings, offer_id)
        await send(letter)

    @app.task(name=review.SEND_DECISION, queue=MAIL, retry=retry)
    async def send_review_decision(project_id: int, decision: review.Decision, word: str) -> None:
        async with work.database.unit(read_only=True) as uow:
            letter = await review.letter_for(uow.session, work.settings, project_id, decision, word)
        await send(letter)

    @app.task(name=second_step.SEND_CODE, queue=MAIL, retry=retry)
    async def send_sign_in_code(user_id: int, nonce: str, until: int) -> None:
        async with work.database.unit(read_only=True) as uow:
            letter = await second_step.letter_for(uow.session, work.settings, user_id, nonce, until)
        await send(letter)

    @app.task(name=security_notices.SEND_NOTICE, queue=MAIL, retry=retry)
    async def send_security_notice(user_id: int, what: str, detail: str) -> None:
        async with work.database.unit(read_only=True) as uow:
            letter = await security_notices.letter_for(uow.session, work.settings, user_id, what, detail)
        await send(letter)

    @app.task(name=automatic.SEND_REPORT, queue=MAIL, retry=retry)
    async def send_autoimport_report(import_id: int) -> None:
        async with work.database.unit(read_only=True) as uow:
            letter = await automatic.letter_for(uow.session, work.settings, import_id)
        await send(letter)


def _register_files(app: App, work: Work) -> None:
    @app.periodic(cron=DAILY)
    @app.task(name=files.SWEEP, queue="low", retry=RetryStrategy(max_attempts=6, exponential_wait=8))
    async def remove_orphaned_files(timestamp: int = 0) -> None:
        await work.file_store.sweep()


def _register_figures(app: App, work: Work) -> None:
    @app.periodic(cron=NIGHTLY)
    @app.task(name="mend_figures", queue="low", queueing_lock="mend_figures")
    async def mend_figures(timestamp: int) -> None:
        await figures.mend(work.database)


def _register_upkeep(app: App, work: Work) -> None:
    @app.periodic(cron=EVERY_FIVE_MINUTES)
    @app.task(name="remember_none_due", queue="super", queueing_lock="remember_none_due")
    async def remember_none_due(timestamp: int) -> None:
        await deadlines.remember_none_due(work.database)

    @app.periodic(cron=DAILY)
    @app.task(name="remove_expired_offers", queue="low", queueing_lock="remove_expired_offers")
    async def remove_expired_offers(timestamp: int) -> None:
        async with work.database.unit() as uow:
            await OwnershipOfferRepository(uow.session).remove_expired()

    @app.periodic(cron=DAILY)
    @app.task(name="forget_old_revocations", queue="low", queueing_lock="forget_old_revocations")
    async def forget_old_revocations(timestamp: int) -> None:
        await credentials.forget_old(work.database, days=work.settings.session_days)

    @app.periodic(cron=DAILY)
    @app.task(name="forget_failed_jobs", queue="low", queueing_lock="forget_failed_jobs")
    async def forget_failed_jobs(timestamp: int) -> None:
        await failed_jobs.forget_old(work.database)

    @app.periodic(cron=DAILY)
    @app.task(name="forget_invitations", queue="low", queueing_lock="forget_invitations")
    async def forget_invitations(timestamp: int) -> None:
        async with work.database.unit() as uow:
            await invitations.remove_spent(uow.session)

    @app.periodic(cron=DAILY)
    @app.task(name="forget_sent_forms", queue="low", queueing_lock="forget_sent_forms")
    async def forget_sent_forms(timestamp: int) -> None:
        async with work.database.unit() as uow:
            await sent_forms.forget(uow.session)

    @app.periodic(cron=DAILY)
    @app.task(name="forget_old_assignments", queue="low", queueing_lock="forget_old_assignments")
    async def forget_old_assignments(timestamp: int) -> None:
        await deadlines.forget_old_assignments(work.database, weeks=KEPT_WEEKS)
