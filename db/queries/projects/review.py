"""Projects that wait for an administrator's look."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Project, ProjectReview, User


@dataclass(frozen=True, slots=True)
class Waiting:
    """A project that waits, with its owner."""

    project_id: int
    short_name: str
    name: str
    description: str
    owner_name: str
    owner_fullname: str
    asked: datetime


async def has_published(session: AsyncSession, owner_id: int) -> bool:
    """Whether this account owns a project that is published, or was once."""
    once = exists().where(Project.owner_id == owner_id, or_(Project.published, Project.first_published.is_not(None)))
    return (await session.scalars(select(once))).one()


async def ask(session: AsyncSession, project_id: int) -> None:
    """Have it wait, from now on if it does not already."""
    wish = insert(ProjectReview).values(project_id=project_id)
    again = {"asked": func.now(), "answer": None}
    await session.execute(
        wish.on_conflict_do_update(
            index_elements=[ProjectReview.project_id], set_=again, where=ProjectReview.answer.is_not(None)
        )
    )


async def answer(session: AsyncSession, project_id: int, word: str) -> None:
    """It waits no more: an administrator has said this."""
    said = insert(ProjectReview).values(project_id=project_id, answer=word)
    await session.execute(
        said.on_conflict_do_update(index_elements=[ProjectReview.project_id], set_={"answer": said.excluded.answer})
    )


async def waiting(session: AsyncSession, *, limit: int) -> list[Waiting]:
    """Who waits longest first."""
    statement = (
        select(
            Project.id,
            Project.short_name,
            Project.name,
            Project.description,
            User.name,
            User.fullname,
            ProjectReview.asked,
        )
        .join(Project, Project.id == ProjectReview.project_id)
        .join(User, User.id == Project.owner_id)
        .where(ProjectReview.answer.is_(None), Project.published.is_(False))
        .order_by(ProjectReview.asked, Project.id)
        .limit(limit)
    )
    return [Waiting(*row) for row in (await session.execute(statement)).all()]
