"""Tasks: changing and removing single ones."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Task, TaskRun
from db.queries import redundancy

LEAST, MOST = 1, 1000
"""How many answers a task may want."""


async def update(session: AsyncSession, task: Task, values: Mapping[str, Any]) -> None:
    """Change columns of the task. Another redundancy completes or reopens it, with all that follows."""
    for name, value in values.items():
        if name not in ("n_answers", "project_id"):
            setattr(task, name, value)
    await session.flush()
    wanted = values.get("n_answers")
    if wanted is not None and wanted != task.n_answers:
        await redundancy.set_for_task(session, task.project_id, task.id, wanted)
        await session.refresh(task)


async def remove(session: AsyncSession, task: Task) -> None:
    """Remove the task with its answers and results."""
    await session.execute(delete(TaskRun).where(TaskRun.task_id == task.id))
    await session.delete(task)
    await session.flush()
