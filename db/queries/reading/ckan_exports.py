"""Exports to a CKAN site, as their pages show them and as jobs take them on."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import CkanExport
from db.models.task_import import QUEUED, RUNNING


async def find(session: AsyncSession, project_id: int, export_id: int) -> CkanExport | None:
    """This export of this project, or None."""
    statement = select(CkanExport).where(CkanExport.id == export_id, CkanExport.project_id == project_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def under_way(session: AsyncSession, project_id: int, kind: str) -> CkanExport | None:
    """The latest export of these rows that has not ended, or None."""
    statement = (
        select(CkanExport)
        .where(CkanExport.project_id == project_id, CkanExport.kind == kind)
        .where(CkanExport.state.in_((QUEUED, RUNNING)))
        .order_by(CkanExport.id.desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def lock(session: AsyncSession, export_id: int) -> CkanExport | None:
    """This export as it is now, kept as it is until the transaction ends; None if it has gone with its project."""
    return (
        await session.execute(select(CkanExport).where(CkanExport.id == export_id).with_for_update())
    ).scalar_one_or_none()


async def recent(session: AsyncSession, project_id: int, limit: int = 5) -> list[CkanExport]:
    """The latest exports of the project."""
    statement = select(CkanExport).where(CkanExport.project_id == project_id).order_by(CkanExport.id.desc())
    return list((await session.execute(statement.limit(limit))).scalars())
