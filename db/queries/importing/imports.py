"""Imports of tasks, as their pages show them and as jobs take them on."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import TaskImport


async def find_import(session: AsyncSession, project_id: int, import_id: int) -> TaskImport | None:
    """This import of this project, or None."""
    statement = select(TaskImport).where(TaskImport.id == import_id, TaskImport.project_id == project_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def lock_import(session: AsyncSession, import_id: int) -> TaskImport | None:
    """This import as it is now, kept as it is until the transaction ends; None if it has gone with its project."""
    statement = select(TaskImport).where(TaskImport.id == import_id).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def recent_imports(session: AsyncSession, project_id: int, limit: int = 5) -> list[TaskImport]:
    """The latest imports of the project that ran in the background."""
    statement = select(TaskImport).where(TaskImport.project_id == project_id).order_by(TaskImport.id.desc())
    return list((await session.execute(statement.limit(limit))).scalars())
