"""One import from beginning to end: at once if it is small, otherwise by a job, with its progress on record."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import IO, Any

from db.errors import DatabaseError
from db.models import Project, TaskImport, User
from db.models.task_import import DONE, FAILED, RUNNING
from db.queries.importing import task_staging
from db.queries.importing.imports import lock_import
from db.repositories.rows import add_row, find_row, get_row
from db.session import AsyncSession, Database, UnitOfWork
from webapp.actor import Actor
from webapp.errors import Invalid, NotFound, OverQuota, WorkbeeError
from webapp.i18n import gettext as _
from webapp.integrations.outbound import ForbiddenAddress, UnpacksTooLarge
from webapp.integrations.queue import IMPORTS, Queue
from webapp.policies import Action, about_project, can, require
from webapp.services.importing import (
    Preview,
    Report,
    add_staged,
    count_rows,
    has_more_rows_than,
    import_tasks,
    preview,
    stage,
)
from webapp.services.importing.records import metadata
from webapp.services.importing.sources import Source, keep
from webapp.services.mails import outbox
from webapp.services.projects import quotas
from webapp.services.site.files import FileStore

JOB = "import_tasks"
MAIL_KIND = "import_ended"
AUTOMATIC_KIND = "autoimport"
OpenSource = Callable[[TaskImport], Awaitable[IO[bytes]]]
RECORD_EVERY_S = 0.5
LONGEST_S = 1800
MANY = 10_000
"""So many new tasks change what is the best plan for a statement."""
ENDED = (DONE, FAILED)
HOPELESS = (Invalid, NotFound, OverQuota, ForbiddenAddress, UnpacksTooLarge)
"""Trying again changes nothing about these."""
log = logging.getLogger(__name__)


async def look_into(uow: UnitOfWork, files: FileStore, actor: Actor, project: Project, source: Source) -> Preview:
    """The first rows of the source, which is kept for the import that may follow. Raises Invalid."""
    require(actor, Action.PROJECT_IMPORT_TASKS, about_project(project))
    if not source.is_whole and source.file.seek(0, os.SEEK_END) == 0:
        raise Invalid(
            "file",
            _("The other server is too slow to show you the first rows. Import them: that is done in the background."),
        )
    shown = await asyncio.to_thread(preview, source.file, source.kind, is_whole=source.is_whole)
    await keep(uow, files, actor.user_id, project.id, source)
    return shown


async def take(
    uow: UnitOfWork,
    files: FileStore,
    queue: Queue,
    actor: Actor,
    project: Project,
    source: Source,
    *,
    inline_rows: int,
    most_tasks: int = 0,
) -> Report | TaskImport:
    """Import the tasks of the source: at once if it has no more than `inline_rows`, otherwise by the worker. What
    became of its rows, or the import that waits. `most_tasks` as of `run`. Raises Invalid, and OverQuota."""
    require(actor, Action.PROJECT_IMPORT_TASKS, about_project(project))
    if not source.is_whole or await asyncio.to_thread(has_more_rows_than, source.file, source.kind, inline_rows):
        await keep(uow, files, actor.user_id, project.id, source)
        row = await import_later(uow.session, queue, actor, project, source=source.kind, options=source.options)
        if source.upload is not None:
            await files.attach(uow, source.upload, TaskImport, row.id)
        return row
    report = await import_tasks(uow.session, project.id, source.file, source.kind)
    if not can(actor, Action.ADMIN):
        await quotas.check_tasks_of(uow.session, project.id, most_tasks)
    if source.upload is not None:
        uow.after_commit(partial(files.remove_detached, source.upload.id))
    return report


async def import_later(
    session: AsyncSession, queue: Queue, actor: Actor, project: Project, *, source: str, options: dict[str, Any]
) -> TaskImport:
    """Have the worker import it; what it needs is in `options`."""
    require(actor, Action.PROJECT_IMPORT_TASKS, about_project(project))
    row = TaskImport(project_id=project.id, user_id=actor.user_id, source=source, options=options)
    await add_row(session, row)
    # One after another for each person, so that nobody's imports take all places of the others'.
    await queue.enqueue(session, JOB, queue=IMPORTS, import_id=row.id, lock=f"import:user:{actor.user_id}")
    return row


async def run(database: Database, import_id: int, open_source: OpenSource, *, most_tasks: int = 0) -> TaskImport | None:
    """Do an import that waits; how it ended, or None if it had ended before. One that leaves its project with more than
    `most_tasks` (0: any number) adds nothing, unless an administrator has begun it.

    Safe to run twice, and by two workers at once: its tasks and its end are one transaction, so a half done one leaves
    nothing and a done one is not done again. What may pass (no answer from the file's server, a database that is away)
    is raised, for the job to be tried again.
    """
    row = await _begin(database, import_id)
    if row is None:
        return None
    try:
        async with asyncio.timeout(LONGEST_S) as limit:
            with await open_source(row) as file:
                ended = await _import(database, row, file, most_tasks)
    except TimeoutError:
        if not limit.expired():
            raise
        return await fail(database, import_id, Invalid("file", _("The import took longer than 30 minutes.")))
    except HOPELESS as error:
        return await fail(database, import_id, error)
    if ended is not None and ended.n_added >= MANY:
        await _analyze(database)
    return ended


async def note_metadata(database: Database, row: TaskImport, file: IO[bytes]) -> None:
    """Keep with an automatic import what the next one has to know of it."""
    if "records" not in row.options or not row.options.get("automatic"):
        return
    found = await asyncio.to_thread(metadata, row.options["records"], file, row.options["values"])
    if found:
        async with database.unit() as uow:
            kept = await lock_import(uow.session, row.id)
            if kept is not None and kept.state not in ENDED:
                kept.options = kept.options | {"metadata": found}


async def _begin(database: Database, import_id: int) -> TaskImport | None:
    async with database.unit() as uow:
        row = await lock_import(uow.session, import_id)
        if row is None or row.state in ENDED:
            return None
        row.state, row.started, row.n_read, row.n_refused = RUNNING, row.started or datetime.now(UTC), 0, 0
        return row


async def _import(database: Database, row: TaskImport, file: IO[bytes], most_tasks: int) -> TaskImport | None:
    total = await asyncio.to_thread(count_rows, file, row.source)
    async with database.unit() as uow:
        (await get_row(uow.session, TaskImport, row.id)).n_total = total
    async with database.unit() as uow:
        report = await stage(uow.session, file, row.source, _recorder(database, row.id))
        kept = await lock_import(uow.session, row.id)
        if kept is None or kept.state in ENDED:
            uow.set_rollback_only()
            return None
        await add_staged(uow.session, row.project_id, report)
        user = await find_row(uow.session, User, row.user_id or 0)
        if user is None or not user.admin:
            await quotas.check_tasks_of(uow.session, row.project_id, most_tasks)
        kept.state, kept.finished = DONE, datetime.now(UTC)
        kept.n_read, kept.n_added, kept.n_present = report.n_read, report.n_added, report.n_present
        kept.n_refused, kept.n_empty, kept.n_total = report.n_refused, report.n_empty, report.n_read
        kept.refusals, kept.notes = [asdict(one) for one in report.refusals], report.notes
        await _tell(uow.session, kept)
    return kept


async def _analyze(database: Database) -> None:
    """The import is done whatever becomes of this."""
    try:
        async with database.unit() as uow:
            await task_staging.analyze(uow.session)
    except DatabaseError:
        log.warning("The statistics of tasks could not be brought up to date", exc_info=True)


def _recorder(database: Database, import_id: int) -> Callable[[Report], Awaitable[None]]:
    """Writes progress in transactions of its own, so that it is seen while the import's is still open; at most as often
    as anybody looks."""
    recorded = float("-inf")

    async def record(report: Report) -> None:
        nonlocal recorded
        if monotonic() - recorded < RECORD_EVERY_S:
            return
        recorded = monotonic()
        async with database.unit() as uow:
            row = await lock_import(uow.session, import_id)
            if row is not None and row.state not in ENDED:
                row.n_read, row.n_refused = report.n_read, report.n_refused

    return record


async def fail(database: Database, import_id: int, error: Exception) -> TaskImport | None:
    """Give the import up, unless it has ended; its owner reads why."""
    async with database.unit() as uow:
        row = await lock_import(uow.session, import_id)
        if row is None or row.state in ENDED:
            return None
        unexpected = _("Something went wrong on this server. Please try again.")
        row.error = error.message if isinstance(error, WorkbeeError) else unexpected
        row.state, row.finished = FAILED, datetime.now(UTC)
        await _tell(uow.session, row)
    return row


async def _tell(session: AsyncSession, ended: TaskImport) -> None:
    """Have whoever began the import told that it has ended; of what comes every day only if something came."""
    if ended.options.get("automatic"):
        kind = AUTOMATIC_KIND if ended.state == DONE and ended.n_added else None
    else:
        kind = MAIL_KIND
    if kind is not None and ended.user_id is not None:
        await outbox.post(session, kind, user_id=ended.user_id, about={"import_id": ended.id})


def shown(row: TaskImport) -> dict[str, Any]:
    """An import as clients see it."""
    return {
        "id": row.id,
        "created": row.created,
        "source": row.source,
        "state": row.state,
        "n_total": row.n_total,
        "n_read": row.n_read,
        "n_added": row.n_added,
        "n_present": row.n_present,
        "n_empty": row.n_empty,
        "n_refused": row.n_refused,
        "refusals": row.refusals,
        "notes": row.notes,
        "error": row.error,
    }
