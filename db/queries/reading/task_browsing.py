"""Tasks as their pages list them: how far each is."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.base import LARGEST_ID
from db.index_order import equal_in_order, one_of
from db.models import Task, TaskSlots
from db.paging import Part


async def page_of_tasks(session: AsyncSession, project_id: int, part: Part) -> list[dict[str, Any]]:
    """Tasks by id: `id`, `n_answers`, `n_task_runs`, and `pct_status`, the share (0 to 1) of the answers that are
    there."""
    # The ids come from the index alone; nothing else is read of what is passed over.
    ids = select(Task.id).where(equal_in_order(Task.project_id, project_id)).limit(part.limit).offset(part.offset)
    if part.beyond is not None:
        ids = ids.where(Task.id < part.beyond if part.backwards else Task.id > part.beyond)
    order = (Task.project_id.desc(), Task.id.desc()) if part.backwards else (Task.project_id, Task.id)
    statement = (
        select(TaskSlots.task_id, TaskSlots.n_answers, TaskSlots.n_runs, TaskSlots.n_counted)
        .where(one_of(TaskSlots.task_id, ids.order_by(*order)))
        .order_by(TaskSlots.task_id)
    )
    return [
        {
            "id": row.task_id,
            "n_answers": row.n_answers,
            "n_task_runs": row.n_runs,
            "pct_status": min(1.0, row.n_counted / row.n_answers),
        }
        for row in await session.execute(statement)
    ]


async def redundancy_range(session: AsyncSession, project_id: int) -> tuple[int, int]:
    """The fewest and the most answers that a task of the project wants; zeros without tasks."""
    wanted = select(Task.n_answers).where(equal_in_order(Task.project_id, project_id)).limit(1)
    fewest = wanted.order_by(Task.project_id, Task.n_answers).scalar_subquery()
    most = wanted.order_by(Task.project_id.desc(), Task.n_answers.desc()).scalar_subquery()
    row = (await session.execute(select(func.coalesce(fewest, 0), func.coalesce(most, 0)))).one()
    return row[0], row[1]


async def first_task_id(session: AsyncSession, project_id: int) -> int | None:
    """The project's first task, to try a presenter on; None if there is none."""
    its_own = select(Task.id).where(equal_in_order(Task.project_id, project_id))
    return (await session.execute(its_own.order_by(Task.project_id, Task.id).limit(1))).scalar_one_or_none()


async def task_project(session: AsyncSession, task_id: int) -> int | None:
    """The id of the task's project; None if there is no such task."""
    if task_id > LARGEST_ID:
        return None
    return (await session.execute(select(Task.project_id).where(Task.id == task_id))).scalar_one_or_none()
