"""Statistics of projects as jobs last reckoned them, their counts fresh."""

from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import ProjectStats
from db.queries.assignment.progress import progress_of

LARGE = ("hours_stats", "dates_stats", "users_stats")
INTERNAL = frozenset({"refreshed_at"})
NEVER = "0"
"""`last_activity` where nothing has happened yet, as clients know it."""


def plain(stats: ProjectStats, *, full: bool) -> dict[str, Any]:
    """A row as clients see it; the three large series of `info` only if `full`."""
    names = [one.key for one in inspect(ProjectStats).column_attrs if one.key not in INTERNAL]
    shown = {name: getattr(stats, name) for name in names}
    if not full:
        shown["info"] = {key: value for key, value in stats.info.items() if key not in LARGE}
    return shown


async def of_projects(
    session: AsyncSession, project_ids: list[int], *, full: bool = False
) -> dict[int, dict[str, Any]]:
    """The statistics of each project, by its id."""
    rows = (await session.execute(select(ProjectStats).where(ProjectStats.project_id.in_(project_ids)))).scalars().all()
    progress = await progress_of(session, project_ids)
    shown = {}
    for row in rows:
        now = progress[row.project_id]
        fresh = {
            "n_tasks": now.n_tasks,
            "n_task_runs": now.n_task_runs,
            "n_results": now.n_results,
            "n_volunteers": now.n_volunteers,
            "n_completed_tasks": now.n_completed_tasks,
            "overall_progress": int(now.overall_progress),
            "last_activity": now.last_activity or NEVER,
        }
        shown[row.project_id] = plain(row, full=full) | fresh
    return shown
