"""Projects whose tasks are imported every day."""

from sqlalchemy import exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Project, TaskImport, User
from db.models.task_import import QUEUED, RUNNING

CHUNK = 100


async def due_after(session: AsyncSession, last_id: int) -> list[tuple[Project, User]]:
    """The next projects with an automatic import, after this id, and their owners; without those of which one waits or
    runs, and those of suspended owners. None at the end."""
    under_way = exists().where(
        TaskImport.project_id == Project.id,
        TaskImport.state.in_((QUEUED, RUNNING)),
        TaskImport.options.has_key("automatic"),
    )
    found = (
        select(Project, User)
        .join(User, User.id == Project.owner_id)
        .where(Project.info.has_key("autoimporter"), Project.id > last_id, ~under_way)
        .where(or_(User.suspended_until.is_(None), User.suspended_until <= func.now()))
        .order_by(Project.id)
        .limit(CHUNK)
    )
    return [(row[0], row[1]) for row in (await session.execute(found)).all()]
