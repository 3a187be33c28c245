"""The worker: takes jobs from PostgreSQL, several at a time, until it is told to stop."""

import logging

from procrastinate import App, PsycopgConnector

from webapp.config import Settings
from webapp.jobs import tasks
from webapp.jobs.work import Work

CONCURRENCY = 4
GRACE_S = 20.0
"""How long a job that runs may go on after the worker was told to stop; one that takes longer is begun again later."""
HEARTBEAT_S = 5.0

log = logging.getLogger(__name__)


def create_jobs(work: Work) -> App:
    """The job application over the worker's database."""
    app = App(connector=PsycopgConnector(conninfo=work.settings.database_url or "", min_size=1, max_size=6))
    tasks.register(app, work)
    return app


async def run(settings: Settings) -> None:
    """Do jobs until this process is told to stop. Those of a killed worker are taken up at once, then every minute."""
    work = Work.of(settings)
    app = create_jobs(work)
    try:
        async with app.open_async():
            await take_up_stalled(app)
            await app.run_worker_async(
                concurrency=CONCURRENCY,
                listen_notify=True,
                delete_jobs="successful",
                shutdown_graceful_timeout=GRACE_S,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=float(tasks.STALLED_AFTER_S),
            )
    finally:
        await work.close()


async def take_up_stalled(app: App) -> None:
    """Begin again what a worker had in hand when it was killed."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=tasks.STALLED_AFTER_S):
        log.info("job %s (%s) of a worker that is gone is begun again", job.id, job.task_name)
        await app.job_manager.retry_job(job)
