"""One import from beginning to end: at once if it is small, otherwise by a job, with its progress on record."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import IO, Any

from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Project, TaskImport
from db.models.task_import import DONE, FAILED, RUNNING
from db.session import Database
from webapp.actor import Actor
from webapp.errors import WorkbeeError
from webapp.integrations.queue import Queue
from webapp.policies import Action, about_project, require
from webapp.services.importing import Report, import_tasks

JOB = "import_tasks"
OpenSource = Callable[[TaskImport], Awaitable[IO[bytes]]]


async def import_now(session: AsyncSession, actor: Actor, project: Project, file: IO[bytes]) -> Report:
    """Import a small file while its owner waits. Raises Invalid."""
    require(actor, Action.PROJECT_IMPORT_TASKS, about_project(project))
    return await import_tasks(session, project.id, file)


async def import_later(
    session: AsyncSession, queue: Queue, actor: Actor, project: Project, *, source: str, options: dict[str, Any]
) -> TaskImport:
    """Have the worker import it; what it needs is in `options`."""
    require(actor, Action.PROJECT_IMPORT_TASKS, about_project(project))
    row = TaskImport(project_id=project.id, user_id=actor.user_id, source=source, options=options)
    session.add(row)
    await session.flush()
    await session.refresh(row)
    await queue.enqueue(session, JOB, import_id=row.id, lock=f"import:{project.id}")
    return row


async def run(database: Database, import_id: int, open_source: OpenSource) -> None:
    """Do an import that waits. Safe to run twice: its tasks and its end are one transaction, a half done one left
    nothing."""
    async with database.unit() as uow:
        row = await uow.session.get(TaskImport, import_id)
        if row is None or row.state in (DONE, FAILED):
            return
        row.state, row.started, row.n_read = RUNNING, datetime.now(UTC), 0
    try:
        file = await open_source(row)
        async with database.unit() as uow:
            report = await import_tasks(uow.session, row.project_id, file, _recorder(database, import_id))
            await _record(uow.session, import_id, report, state=DONE)
    except WorkbeeError as error:
        async with database.unit() as uow:
            failed = await uow.session.get_one(TaskImport, import_id)
            failed.state, failed.error, failed.finished = FAILED, error.message, datetime.now(UTC)


def _recorder(database: Database, import_id: int) -> Callable[[Report], Awaitable[None]]:
    """Writes progress in transactions of its own, so that it is seen while the import's is still open."""

    async def record(report: Report) -> None:
        async with database.unit() as uow:
            row = await uow.session.get_one(TaskImport, import_id)
            row.n_read, row.n_refused = report.n_read, report.n_refused

    return record


async def _record(session: AsyncSession, import_id: int, report: Report, *, state: str) -> None:
    row = await session.get_one(TaskImport, import_id)
    row.state, row.finished = state, datetime.now(UTC)
    row.n_read, row.n_added, row.n_present = report.n_read, report.n_added, report.n_present
    row.n_refused, row.n_total = report.n_refused, report.n_read
    row.refusals = [asdict(one) for one in report.refusals]
