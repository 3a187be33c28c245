"""Small questions about projects."""

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.errors import NotFound
from db.models import Blogpost, Category, Project, Result, Task, TaskRun


async def find_by_short_name(session: AsyncSession, short_name: str) -> Project | None:
    """The project of this address, or None."""
    return (await session.execute(select(Project).where(Project.short_name == short_name))).scalar_one_or_none()


async def get_by_short_name(session: AsyncSession, short_name: str) -> Project:
    """The project of this address. Raises NotFound."""
    project = await find_by_short_name(session, short_name)
    if project is None:
        raise NotFound("project", short_name=short_name)
    return project


async def first_category_id(session: AsyncSession) -> int:
    """The category that new projects start in. Raises NotFound on a site without any."""
    found = (await session.execute(select(Category.id).order_by(Category.id).limit(1))).scalar_one_or_none()
    if found is None:
        raise NotFound("category")
    return found


async def category_exists(session: AsyncSession, category_id: int) -> bool:
    return bool((await session.execute(select(exists().where(Category.id == category_id)))).scalar_one())


async def has_results(session: AsyncSession, project_id: int) -> bool:
    """Whether any task of the project has come to a result."""
    return bool((await session.execute(select(exists().where(Result.project_id == project_id)))).scalar_one())


async def task_has_result(session: AsyncSession, task_id: int) -> bool:
    return bool((await session.execute(select(exists().where(Result.task_id == task_id)))).scalar_one())


async def run_in_result(session: AsyncSession, task_id: int, run_id: int) -> bool:
    """Whether the run is among those of its task's current result."""
    current = exists().where(Result.task_id == task_id, Result.last_version, Result.task_run_ids.contains([run_id]))
    return bool((await session.execute(select(current))).scalar_one())


async def remove(session: AsyncSession, project_id: int) -> None:
    """Delete the project. Its runs and tasks go first, each in one statement: through the cascade it would be one a
    task."""
    await session.execute(delete(TaskRun).where(TaskRun.project_id == project_id))
    await session.execute(delete(Task).where(Task.project_id == project_id))
    await session.execute(delete(Project).where(Project.id == project_id))


async def count_blogposts(session: AsyncSession, project_id: int, *, published_only: bool) -> int:
    """How many posts the project's blog has."""
    conditions: list[ColumnElement[bool]] = [Blogpost.project_id == project_id]
    if published_only:
        conditions.append(Blogpost.published.is_(True))
    return (await session.execute(select(func.count(Blogpost.id)).where(*conditions))).scalar_one()


async def set_priority(session: AsyncSession, project_id: int, task_ids: list[int], priority: float) -> list[int]:
    """Give those of these tasks that are the project's this priority; their ids."""
    changed = update(Task).where(Task.project_id == project_id, Task.id.in_(task_ids)).values(priority_0=priority)
    return sorted((await session.execute(changed.returning(Task.id))).scalars())


async def delete_tasks_without_results(session: AsyncSession, project_id: int) -> int:
    """Delete them with their runs; how many tasks."""
    without = select(Task.id).where(Task.project_id == project_id, ~exists().where(Result.task_id == Task.id))
    await session.execute(delete(TaskRun).where(TaskRun.task_id.in_(without)))
    return len((await session.execute(delete(Task).where(Task.id.in_(without)).returning(Task.id))).all())
