"""Files: recorded before they are stored, attached to the row that shows them, and found again when none does."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, or_, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.executors import Executor
from db.models import Announcement, Blogpost, File, HelpingMaterial, Page, Project, TaskImport, TaskRun, User

WITH_FILES: tuple[Any, ...] = (Announcement, Blogpost, HelpingMaterial, Page, Project, TaskImport, TaskRun, User)
"""Models whose rows may have a file."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """What is known of a file before it is stored: the columns of `File`."""

    container: str
    name: str
    content_type: str
    size: int
    sha256: str
    owner_id: int | None
    project_id: int | None


@dataclass(frozen=True, slots=True)
class FileKey:
    """A file, and its key in the storage."""

    id: int
    container: str
    name: str


async def record(executor: Executor, file: NewFile) -> int:
    """The id of a new file, attached to nothing yet."""
    statement = """INSERT INTO file (container, name, content_type, size, sha256, owner_id, project_id)
                   VALUES ($1::text, $2::text, $3::text, $4::bigint, $5::text, $6::bigint, $7::bigint) RETURNING id"""
    [(file_id,)] = await executor.fetch(
        statement,
        *(file.container, file.name, file.content_type, file.size, file.sha256, file.owner_id, file.project_id),
    )
    return int(file_id)


async def would_exceed(executor: Executor, owner_id: int, size: int, most: int) -> bool:
    """Whether the files of this account would have more than `most` bytes with one of this size; never those of an
    administrator."""
    statement = """SELECT NOT u.admin AND (SELECT coalesce(sum(f.size), 0) FROM file f WHERE f.owner_id = u.id)
                          + $2::bigint > $3::bigint FROM users u WHERE u.id = $1::bigint"""
    return any(exceeds for (exceeds,) in await executor.fetch(statement, owner_id, size, most))


async def find_file(session: AsyncSession, container: str, name: str) -> File | None:
    """The file of this key in the storage."""
    return (await session.scalars(select(File).where(File.container == container, File.name == name))).one_or_none()


async def attach(session: AsyncSession, file_id: int, model: type[Any], row_id: int) -> None:
    """From now on the row shows this file."""
    values = {"attached_to": model.__tablename__, "attached_id": row_id}
    await session.execute(update(File).where(File.id == file_id).values(values))


async def attached_to(session: AsyncSession, row: Any) -> File | None:
    """The file that the row shows, locked, or None."""
    mine = (File.attached_to == row.__tablename__, File.attached_id == row.id)
    return (await session.scalars(select(File).where(*mine).with_for_update())).one_or_none()


async def detach(session: AsyncSession, file: File) -> None:
    """From now on nothing shows this file, nor ever will."""
    file.attached_id = None
    await session.flush()


async def find_detached(executor: Executor, file_id: int) -> FileKey | None:
    """The file, if nothing shows it."""
    statement = "SELECT id, container, name FROM file WHERE id = $1::bigint AND attached_id IS NULL"
    rows = await executor.fetch(statement, file_id)
    return FileKey(*rows[0]) if rows else None


async def orphans(session: AsyncSession, *, unattached_for: timedelta, limit: int) -> list[FileKey]:
    """Some files that nothing shows: the row that did is gone or has another, or for long none has."""
    key = (File.id, File.container, File.name)
    gone = [
        select(*key).where(
            File.attached_to == model.__tablename__,
            File.attached_id.is_not(None),
            ~select(model.id).where(model.id == File.attached_id).exists(),
        )
        for model in WITH_FILES
    ]
    too_late = or_(File.attached_to.is_not(None), File.created < func.now() - unattached_for)
    detached = select(*key).where(File.attached_id.is_(None), too_late)
    return [FileKey(*row) for row in (await session.execute(union_all(detached, *gone).limit(limit))).all()]


async def forget(executor: Executor, file_id: int) -> None:
    """The file is stored no more."""
    await executor.fetch("DELETE FROM file WHERE id = $1::bigint", file_id)
