"""Tasks as their pages list them: how far each is."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.base import LARGEST_ID
from db.models import Task, TaskSlots


async def page_of_tasks(session: AsyncSession, project_id: int, *, limit: int, offset: int) -> list[dict[str, Any]]:
    """Tasks by id: `id`, `n_answers`, `n_task_runs`, and `pct_status`, the share (0 to 1) of the answers that are
    there."""
    statement = (
        select(Task.id, Task.n_answers, TaskSlots.n_runs, TaskSlots.n_counted)
        .join(TaskSlots, TaskSlots.task_id == Task.id)
        .where(Task.project_id == project_id)
        .order_by(Task.id)
        .limit(limit)
        .offset(offset)
    )
    return [
        {
            "id": row.id,
            "n_answers": row.n_answers,
            "n_task_runs": row.n_runs,
            "pct_status": min(1.0, row.n_counted / row.n_answers),
        }
        for row in await session.execute(statement)
    ]


async def redundancy_range(session: AsyncSession, project_id: int) -> tuple[int, int]:
    """The fewest and the most answers that a task of the project wants; zeros without tasks."""
    found = select(func.min(Task.n_answers), func.max(Task.n_answers)).where(Task.project_id == project_id)
    fewest, most = (await session.execute(found)).one()
    return fewest or 0, most or 0


async def first_task_id(session: AsyncSession, project_id: int) -> int | None:
    """The project's first task, to try a presenter on; None if there is none."""
    statement = select(Task.id).where(Task.project_id == project_id).order_by(Task.id).limit(1)
    return (await session.execute(statement)).scalar_one_or_none()


async def task_project(session: AsyncSession, task_id: int) -> int | None:
    """The id of the task's project; None if there is no such task."""
    if task_id > LARGEST_ID:
        return None
    return (await session.execute(select(Task.project_id).where(Task.id == task_id))).scalar_one_or_none()
