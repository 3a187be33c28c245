"""How far projects and contributors are, from the counters that submissions keep."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, DateTime, column, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.batching import READING
from db.calls import reading
from db.executors import Executor


@dataclass(frozen=True, slots=True)
class ProjectProgress:
    """The counts of one project."""

    project_id: int
    n_tasks: int = 0
    n_slots: int = 0
    n_completed_tasks: int = 0
    n_task_runs: int = 0
    n_results: int = 0
    n_volunteers: int = 0
    n_anonymous: int = 0
    last_activity: datetime | None = None

    @property
    def overall_progress(self) -> float:
        """Per cent of the tasks that are complete; 0 where there are none."""
        return self.n_completed_tasks * 100 / self.n_tasks if self.n_tasks else 0.0

    @property
    def whole_percent(self) -> int:
        """The same cut to a whole number: 100 is said of a project that is complete, and of no other."""
        return int(self.overall_progress)


COUNTS = ("n_tasks", "n_slots", "n_completed_tasks", "n_task_runs", "n_results", "n_volunteers", "n_anonymous")
"""The counts of `project_counter` that make a `ProjectProgress`, in its order."""
_SUMS = ", ".join(f"CAST(sum({name}) AS bigint) AS {name}" for name in COUNTS)
_OF_PROJECTS = text(f"""
SELECT project_id, {_SUMS}, max(last_activity) AS last_activity
FROM project_counter WHERE project_id = ANY (:ids) GROUP BY project_id
""").columns(
    column("project_id", BigInteger),
    *(column(name, BigInteger) for name in COUNTS),
    column("last_activity", DateTime(timezone=True)),
)


async def progress_of(session: AsyncSession, project_ids: list[int]) -> dict[int, ProjectProgress]:
    """The progress of each of these projects, by id."""
    rows = (await session.execute(_OF_PROJECTS, {"ids": project_ids})).all()
    found = {row.project_id: ProjectProgress(*row) for row in rows}
    return {number: found.get(number, ProjectProgress(number)) for number in project_ids}


_OF_CONTRIBUTOR = reading(
    """
    SELECT coalesce((SELECT n_runs FROM contributor_progress WHERE project_id = $1 AND contributor = $2), 0),
           coalesce((SELECT sum(n_tasks) FROM project_counter WHERE project_id = $1), 0)::bigint
    """,
    "bigint",
    "text",
)


async def contributor_progress(executor: Executor, project_id: int, contributor: str) -> tuple[int, int]:
    """(done, total): this contributor's answers in the project, and the project's tasks."""
    [(done, total)] = await executor.call(_OF_CONTRIBUTOR, project_id, contributor, group=READING)
    return done, total


_LATELY = reading(
    "SELECT project_id FROM contributor_progress WHERE user_id = $1 ORDER BY user_id DESC, last_at DESC LIMIT $2",
    "bigint",
    "int",
)


async def contributed_lately(executor: Executor, user_id: int, limit: int) -> list[int]:
    """The ids of the projects that this account answered in, the latest answer first, whoever may see them."""
    rows = await executor.call(_LATELY, user_id, limit, group=READING)
    return [number for (number,) in rows]
