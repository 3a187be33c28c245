"""The jobs by name, each thin: it opens what it needs and calls a service. All are safe to run twice."""

from typing import IO, Any

from procrastinate import App, RetryStrategy

from db.models import TaskImport
from webapp.jobs.work import Work
from webapp.services import project_statistics, recovery, task_imports, webhooks
from webapp.services.importing.sources import download, from_storage

EVERY_MINUTE = "* * * * *"
EVERY_FIVE_MINUTES = "*/5 * * * *"
DAILY = "17 3 * * *"
STALLED_AFTER_S = 30
KEPT_WEEKS = 6
"""How long leave to answer outlives its task's completion."""


def register(app: App, work: Work) -> None:
    """Give the app its jobs."""
    _register_imports(app, work)
    _register_webhooks(app, work)
    _register_mail(app, work)
    _register_statistics(app, work)
    _register_upkeep(app, work)


def _register_imports(app: App, work: Work) -> None:
    async def source(row: TaskImport) -> IO[bytes]:
        options: dict[str, Any] = row.options
        if "address" in options:
            return await download(work.outbound, options["address"], "file")
        return await from_storage(work.storage, options["container"], options["name"])

    @app.task(name=task_imports.JOB, queue="medium", retry=RetryStrategy(max_attempts=5, exponential_wait=3))
    async def import_tasks(import_id: int) -> None:
        await task_imports.run(work.database, import_id, source)


def _register_webhooks(app: App, work: Work) -> None:
    @app.task(name=webhooks.JOB, queue="high")
    async def deliver_webhook(project_id: int, task_id: int, result_id: int, fired_at: str) -> None:
        await webhooks.deliver(work.database, work.outbound, project_id, task_id, result_id, fired_at)


def _register_mail(app: App, work: Work) -> None:
    @app.task(name=recovery.SEND_LINK, queue="high", retry=RetryStrategy(max_attempts=6, exponential_wait=8))
    async def send_recovery_link(user_id: int) -> None:
        async with work.database.unit(read_only=True) as uow:
            letter = await recovery.link_for(uow.session, work.settings, user_id)
        if letter is not None:
            await work.mail.send(letter)


def _register_statistics(app: App, work: Work) -> None:
    @app.periodic(cron=EVERY_FIVE_MINUTES)
    @app.task(name="refresh_project_statistics", queue="super", queueing_lock="refresh_project_statistics")
    async def refresh_project_statistics(timestamp: int) -> None:
        await project_statistics.refresh_changed(work.database)


def _register_upkeep(app: App, work: Work) -> None:
    @app.periodic(cron=EVERY_MINUTE)
    @app.task(name="retry_stalled_jobs", queue="maintenance", queueing_lock="retry_stalled_jobs", pass_context=False)
    async def retry_stalled_jobs(timestamp: int) -> None:
        """Jobs of a worker that was killed have no heartbeat any more: they are begun again."""
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S):
            await app.job_manager.retry_job(job)

    @app.periodic(cron=DAILY)
    @app.task(name="forget_old_assignments", queue="low", queueing_lock="forget_old_assignments")
    async def forget_old_assignments(timestamp: int) -> None:
        await project_statistics.forget_old_assignments(work.database, weeks=KEPT_WEEKS)
