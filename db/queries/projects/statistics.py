"""Statistics of projects as the API shows them."""

from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import ProjectStats
from db.queries.assignment.progress import progress_of
from db.queries.projects.project_statistics import series_of

NEVER = "0"
"""`last_activity` where nothing has happened yet, as clients know it."""


async def of_projects(
    session: AsyncSession, project_ids: list[int], *, full: bool = False
) -> dict[int, dict[str, Any]]:
    """The statistics of each project, by its id; `info` has the series of its plots only if `full`."""
    rows = (await session.execute(select(ProjectStats).where(ProjectStats.project_id.in_(project_ids)))).scalars().all()
    progress = await progress_of(session, project_ids)
    series = await series_of(session, project_ids) if full else {}
    names = [one.key for one in inspect(ProjectStats).column_attrs]
    shown = {}
    for row in rows:
        now = progress[row.project_id]
        fresh = {
            "n_tasks": now.n_tasks,
            "n_task_runs": now.n_task_runs,
            "n_results": now.n_results,
            "n_volunteers": now.n_volunteers,
            "n_completed_tasks": now.n_completed_tasks,
            "overall_progress": now.whole_percent,
            "last_activity": now.last_activity or NEVER,
            "info": series[row.project_id].info if full else {},
        }
        shown[row.project_id] = {name: getattr(row, name) for name in names} | fresh
    return shown
