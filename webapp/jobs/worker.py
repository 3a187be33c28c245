"""The worker: takes jobs from PostgreSQL, several at a time, until it is told to stop."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.worker import Worker

from db.errors import DatabaseError
from webapp.config import JOB_QUEUE_CONNECTIONS, Settings
from webapp.errors import Unavailable
from webapp.integrations.queue import PLACES
from webapp.jobs import tasks
from webapp.jobs.observe import JobObserver
from webapp.jobs.work import Work
from webapp.services.exporting import ckan
from webapp.services.importing import task_imports
from webapp.services.site import failed_jobs, figures

GRACE_S = 7.0
"""How long a job that runs may go on after the worker was told to stop; one that takes longer is begun again later. It
is less than `workbee up` waits for the worker."""
HEARTBEAT_S = 3.0
STALLED_AFTER_S = 20
"""A worker without a heartbeat for so long is gone."""
LOOK_EVERY_S = 5.0
MOST_DEATHS = 5
"""A job that was in hand so often when a worker was killed is what kills them: it is given up."""

log = logging.getLogger(__name__)


class WorkersDied(Exception):
    """The job was in hand each time that a worker was killed."""

    def __str__(self) -> str:
        return f"It was in hand {MOST_DEATHS} times when a worker was killed."


def create_jobs(work: Work) -> App:
    """The job application over the worker's database."""
    connector = PsycopgConnector(conninfo=work.settings.database_url or "", min_size=1, max_size=JOB_QUEUE_CONNECTIONS)
    app = App(connector=connector)
    tasks.register(app, work)
    return app


async def run(settings: Settings, observer: JobObserver) -> None:
    """Do jobs until this process is told to stop, and take up those of workers that were killed."""
    work = Work.of(settings)
    app = create_jobs(work)
    try:
        async with app.open_async():
            await _work_until_told_to_stop(app, work, observer)
    finally:
        await work.close()


async def _work_until_told_to_stop(app: App, work: Work, observer: JobObserver) -> None:
    """One worker for each kind of jobs. Should one of them, or looking for stalled jobs, fail, all stop."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    side = [
        asyncio.create_task(told.wait(), name="wait to be told to stop"),
        asyncio.create_task(_look_for_stalled(app, work), name="look for stalled jobs"),
        asyncio.create_task(figures.keep_folding(work.database), name="keep figures"),
    ]
    workers = [
        asyncio.create_task(_do_jobs(app, work, queues, places, observer), name=f"do jobs of {' '.join(queues)}")
        for queues, places in PLACES.items()
    ]
    await asyncio.wait([*side, *workers], return_when=asyncio.FIRST_COMPLETED)
    for task in (*side, *workers):
        task.cancel()
    for ended in await asyncio.gather(*side, *workers, return_exceptions=True):
        if isinstance(ended, Exception):
            raise ended


async def _do_jobs(app: App, work: Work, queues: tuple[str, ...], places: int, observer: JobObserver) -> None:
    async def keep_traces(run: Callable[[], Awaitable[Any]], context: JobContext, _worker: Worker) -> Any:
        """Run the job, and keep why it fails. Raises what it raises."""
        try:
            return await run()
        except Exception as error:
            with suppress(DatabaseError):
                await failed_jobs.note(work.database, context.job.id or 0, error)
                if is_last_try(context, error):
                    await failed_jobs.tell(work.database, context.job.task_name, error)
            raise

    await app.run_worker_async(
        queues=list(queues),
        name=queues[0],
        concurrency=places,
        listen_notify=True,
        delete_jobs="successful",
        worker_middleware=[observer, keep_traces, _fetch_after_lock],
        install_signal_handlers=False,
        shutdown_graceful_timeout=GRACE_S,
        update_heartbeat_interval=HEARTBEAT_S,
        stalled_worker_timeout=float(STALLED_AFTER_S),
    )


def is_last_try(context: JobContext, error: Exception) -> bool:
    """Whether the job is given up now that it has failed so."""
    return context.task.get_retry_exception(exception=error, job=context.job) is None


async def _fetch_after_lock(run: Callable[[], Awaitable[Any]], context: JobContext, worker: Worker) -> Any:
    """Run the job, and have its worker fetch again once it is done: no notification is sent when a lock is released, so
    that a job waiting for it would start at the next poll, seconds later. Raises what the job raises."""
    task = asyncio.current_task()
    if context.job.lock is not None and task is not None:
        # The task ends when what came of the job is stored, which is what lets go of the lock.
        task.add_done_callback(lambda _: worker._new_job_event.set())  # noqa: SLF001 - procrastinate 3 has no public way
    return await run()


async def _look_for_stalled(app: App, work: Work) -> None:
    while True:
        try:
            await take_up_stalled(app, work)
        except ConnectorException:
            log.exception("Looking for jobs of workers that are gone failed; it is tried again")
        await asyncio.sleep(LOOK_EVERY_S)


async def take_up_stalled(app: App, work: Work) -> None:
    """Begin again what workers had in hand when they were killed."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S):
        if job.attempts < MOST_DEATHS:
            log.info("Job %s (%s) of a worker that is gone is begun again", job.id, job.task_name)
            await app.job_manager.retry_job(job)
        else:
            log.error(
                "Job %s (%s) was in hand when workers died %s times: given up", job.id, job.task_name, MOST_DEATHS
            )
            await _give_up(app, work, job)


async def _give_up(app: App, work: Work, job: Job) -> None:
    if job.task_name == task_imports.JOB:
        await task_imports.fail(work.database, int(str(job.task_kwargs["import_id"])), Unavailable())
    with suppress(DatabaseError):
        await failed_jobs.tell(work.database, job.task_name, WorkersDied())
    if job.task_name == ckan.JOB:
        await ckan.fail(work.database, int(str(job.task_kwargs["export_id"])), Unavailable())
    await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=False)
