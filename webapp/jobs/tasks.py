"""The jobs by name, each thin: it opens what it needs and calls a service. All are safe to run twice."""

from typing import IO

from procrastinate import App, JobContext, RetryStrategy

from db.models import TaskImport, Webhook
from db.queries.accounts import invitations
from db.queries.site import sent_forms
from db.repositories import OwnershipOfferRepository
from webapp.integrations.queue import IMPORTS, MAIL, WEBHOOKS
from webapp.jobs.work import Work
from webapp.services.accounts import credentials, newsletter
from webapp.services.contributing import deadlines
from webapp.services.exporting import ckan
from webapp.services.importing import automatic, task_imports
from webapp.services.importing.sources import reopen
from webapp.services.mails import delivery, mailings, outbox, periodic
from webapp.services.projects import webhooks
from webapp.services.site import failed_jobs, figures, files

EVERY_FIVE_MINUTES = "*/5 * * * *"
DAILY = "17 3 * * *"
NIGHTLY = "43 2 * * *"
AUTOIMPORTS = "13 1 * * *"
IDLE_PROJECTS = "57 3 * * *"
SUNDAYS = "7 5 * * 0"
MONTHLY = "27 4 1 * *"
QUARTERLY = "37 5 1 1,4,7,10 *"
KEPT_WEEKS = 6
"""How long permission to answer outlives its task's completion."""
IMPORT_RETRIES = 5
WEBHOOK_RETRIES = 5
"""Of jobs that were cut short; a server that does not answer is not asked again (docs/contract/jobs.md 6)."""


def register(app: App, work: Work) -> None:
    """Give the app its jobs."""
    _register_imports(app, work)
    _register_exports(app, work)
    _register_webhooks(app, work)
    _register_mail(app, work)
    _register_periodic_mail(app, work)
    _register_newsletter(app, work)
    _register_files(app, work)
    _register_figures(app, work)
    _register_upkeep(app, work)


def _register_imports(app: App, work: Work) -> None:
    async def source(row: TaskImport) -> IO[bytes]:
        file = await reopen(work.import_access, work.storage, row.options)
        await task_imports.note_metadata(work.database, row, file)
        return file

    async def forget(ended: TaskImport | None) -> None:
        """Whatever came of it, its upload is not needed any more."""
        if ended is not None:
            await work.file_store.release(ended)
            await work.tell_owners(ended.project_id, "import", task_imports.shown(ended))
            await automatic.remember(work.database, ended)

    retry = RetryStrategy(max_attempts=IMPORT_RETRIES, exponential_wait=3)

    @app.task(name=task_imports.JOB, queue=IMPORTS, retry=retry, pass_context=True)
    async def import_tasks(context: JobContext, import_id: int) -> None:
        try:
            await forget(await task_imports.run(work.database, import_id, source, most_tasks=work.settings.most_tasks))
        except Exception as error:
            if context.job.attempts >= IMPORT_RETRIES:
                await forget(await task_imports.fail(work.database, import_id, error))
            raise

    @app.periodic(cron=AUTOIMPORTS)
    @app.task(name="start_autoimports", queue="low", queueing_lock="start_autoimports")
    async def start_autoimports(timestamp: int) -> None:
        await automatic.start_all(work.database, work.queue, work.settings)


def _register_exports(app: App, work: Work) -> None:
    retry = RetryStrategy(max_attempts=IMPORT_RETRIES, exponential_wait=3)

    @app.task(name=ckan.JOB, queue=IMPORTS, retry=retry, pass_context=True)
    async def export_to_ckan(context: JobContext, export_id: int) -> None:
        try:
            await ckan.run(work.database, work.outbound, work.settings, export_id)
        except Exception as error:
            if context.job.attempts >= IMPORT_RETRIES:
                await ckan.fail(work.database, export_id, error)
            raise


def _register_webhooks(app: App, work: Work) -> None:
    retry = RetryStrategy(max_attempts=WEBHOOK_RETRIES, exponential_wait=3)

    async def tell(row: Webhook | None) -> None:
        if row is not None:
            await work.tell_owners(row.project_id, "webhook", webhooks.shown(row))

    @app.task(name=webhooks.JOB, queue=WEBHOOKS, retry=retry)
    async def deliver_webhook(project_id: int, task_id: int, result_id: int, fired_at: str) -> None:
        await tell(await webhooks.deliver(work.database, work.outbound, project_id, task_id, result_id, fired_at))

    @app.task(name=webhooks.AGAIN, queue=WEBHOOKS, retry=retry)
    async def redeliver_webhook(webhook_id: int) -> None:
        await tell(await webhooks.redeliver(work.database, work.outbound, webhook_id))


def _register_mail(app: App, work: Work) -> None:
    retry = RetryStrategy(max_attempts=6, exponential_wait=8)

    @app.task(name=outbox.SEND, queue=MAIL, retry=retry)
    async def send_mail(mail_id: int) -> None:
        if work.mail.available:
            await delivery.deliver(work.database, work.settings, work.mail.send, mail_id)

    @app.task(name=outbox.GO_ON, queue=MAIL, retry=retry)
    async def send_mailing(mailing_id: int) -> None:
        if work.mail.available:
            await mailings.go_on(work.database, work.settings, mailing_id)

    @app.periodic(cron=DAILY)
    @app.task(name="forget_sent_mails", queue="low", queueing_lock="forget_sent_mails")
    async def forget_sent_mails(timestamp: int) -> None:
        await delivery.forget_sent(work.database)


def _register_periodic_mail(app: App, work: Work) -> None:
    @app.periodic(cron=SUNDAYS)
    @app.task(name="begin_weekly_reports", queue="low", queueing_lock="begin_weekly_reports")
    async def begin_weekly_reports(timestamp: int) -> None:
        await periodic.begin_weekly(work.database, work.settings)

    @app.periodic(cron=QUARTERLY)
    @app.task(name="begin_quarterly_mails", queue="low", queueing_lock="begin_quarterly_mails")
    async def begin_quarterly_mails(timestamp: int) -> None:
        await periodic.begin(work.database, work.settings, *periodic.QUARTERLY)

    @app.periodic(cron=IDLE_PROJECTS)
    @app.task(name="unpublish_idle_projects", queue="low", queueing_lock="unpublish_idle_projects")
    async def unpublish_idle_projects(timestamp: int) -> None:
        await periodic.unpublish_idle(work.database, work.settings)

    @app.periodic(cron=MONTHLY)
    @app.task(name="warn_inactive_accounts", queue="low", queueing_lock="warn_inactive_accounts")
    async def warn_inactive_accounts(timestamp: int) -> None:
        await periodic.warn_inactive(work.database, work.settings)

    @app.periodic(cron=MONTHLY)
    @app.task(name="remove_inactive_accounts", queue="low", queueing_lock="remove_inactive_accounts")
    async def remove_inactive_accounts(timestamp: int) -> None:
        await periodic.remove_inactive(work.database, work.file_store, work.settings)


def _register_newsletter(app: App, work: Work) -> None:
    retry = RetryStrategy(max_attempts=6, exponential_wait=8)

    @app.task(name=newsletter.SUBSCRIBE, queue="medium", retry=retry)
    async def subscribe_to_newsletter(user_id: int) -> None:
        await newsletter.tell_subscribed(work.database, work.settings, user_id)

    @app.task(name=newsletter.REMOVE, queue="medium", retry=retry)
    async def remove_from_newsletter(email_addr: str) -> None:
        await newsletter.tell_removed(work.settings, email_addr)


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
