"""Task runs as the API shows them."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.errors import NotFound
from db.models import TaskRun

PUBLIC = (
    TaskRun.id,
    TaskRun.created,
    TaskRun.project_id,
    TaskRun.task_id,
    TaskRun.user_id,
    TaskRun.user_ip,
    TaskRun.finish_time,
    TaskRun.timeout,
    TaskRun.calibration,
    TaskRun.external_uid,
    TaskRun.media_url,
    TaskRun.info,
    TaskRun.counted,
)


async def find_run(session: AsyncSession, run_id: int) -> dict[str, Any]:
    """The public columns of one run. Raises NotFound."""
    row = (await session.execute(select(*PUBLIC).where(TaskRun.id == run_id))).one_or_none()
    if row is None:
        raise NotFound("task_run", id=run_id)
    return row._asdict()


async def runs_of_task(session: AsyncSession, task_id: int) -> list[dict[str, Any]]:
    """The public columns of every run of the task, in order of their ids."""
    rows = await session.execute(select(*PUBLIC).where(TaskRun.task_id == task_id).order_by(TaskRun.id))
    return [row._asdict() for row in rows]
