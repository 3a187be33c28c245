"""Filling a database in bulk: tasks, and answers given elsewhere or in the past, with all that follows from them.

One answer at a time goes through `db.queries.assignment.submitting`. Both leave the same state behind, and the tests
hold them to it: assignments, slots, task states, results, and every counter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db import json
from db.errors import NotFound
from db.models import Project, Task, User

FILLING_LOCK = 0x776F726B626565
"""The advisory lock of whoever fills an empty database: two of them at once would both find it empty."""


@dataclass(frozen=True, slots=True)
class PastRun:
    """One answer of the past."""

    task_id: int
    contributor: str
    user_id: int | None
    user_ip: str | None
    created: datetime
    """When the task was handed out."""
    finish_time: datetime
    info: Any


_LOCK = text("""
SELECT task_id FROM task_slots WHERE project_id = :project AND task_id = ANY (:tasks) ORDER BY task_id FOR UPDATE
""")

# Who came first is counted, up to the places that are free; the rest is surplus.
_STORE = text("""
WITH given AS (
  SELECT * FROM jsonb_to_recordset(CAST(:runs AS jsonb)) AS r (
    task_id bigint, contributor text, user_id bigint, user_ip text, created timestamptz, finish_time timestamptz,
    info jsonb)
), placed AS (
  SELECT g.*, row_number() OVER (PARTITION BY g.task_id ORDER BY g.finish_time, g.contributor)
              <= s.n_answers - s.n_counted - s.n_leased AS counted
  FROM given g JOIN task_slots s ON s.task_id = g.task_id AND s.project_id = :project
), stored AS (
  INSERT INTO task_run (project_id, task_id, contributor, user_id, user_ip, created, finish_time, info, counted)
  SELECT :project, task_id, contributor, user_id, user_ip, created, finish_time, nullif(info, 'null'), counted
  FROM placed ORDER BY finish_time, task_id, contributor
  RETURNING task_id, contributor, counted, created
), assigned AS (
  INSERT INTO assignment (task_id, project_id, contributor, state, requested_at)
  SELECT task_id, :project, contributor, CASE WHEN counted THEN 'counted' ELSE 'surplus' END, created FROM stored
), slots AS (
  UPDATE task_slots s SET n_counted = s.n_counted + new.n_counted, n_runs = s.n_runs + new.n_runs,
    breadth = s.breadth + new.n_runs
  FROM (
    SELECT task_id, count(*) FILTER (WHERE counted) AS n_counted, count(*) AS n_runs FROM stored GROUP BY task_id
  ) new
  WHERE s.task_id = new.task_id
)
SELECT count(*), count(*) FILTER (WHERE counted) FROM stored
""")

_COMPLETE = text("""
WITH full_now AS (
  SELECT task_id FROM task_slots WHERE project_id = :project AND task_id = ANY (:tasks) AND n_counted >= n_answers
), completed AS (
  UPDATE task SET state = 'completed' WHERE id IN (SELECT task_id FROM full_now) AND state <> 'completed' RETURNING id
)
SELECT (SELECT count(*) FROM completed), (SELECT array_agg(task_id) FROM full_now)
""")

_SUPERSEDE = text("UPDATE result SET last_version = false WHERE task_id = ANY (:tasks) AND last_version")

# A result is as old as the counted answer that completed its task.
_RESULTS = text("""
INSERT INTO result (project_id, task_id, created, task_run_ids, last_version)
SELECT :project, task_id, max(finish_time) FILTER (WHERE counted), array_agg(id ORDER BY id), true
FROM task_run WHERE task_id = ANY (:tasks) GROUP BY task_id ORDER BY 3, task_id
""")

_PROGRESS = text("""
WITH given AS (
  SELECT contributor, user_id, count(*) AS n_runs, min(finish_time) AS first_at, max(finish_time) AS last_at
  FROM jsonb_to_recordset(CAST(:runs AS jsonb)) AS r (contributor text, user_id bigint, finish_time timestamptz)
  GROUP BY contributor, user_id
), progress AS (
  INSERT INTO contributor_progress AS p (project_id, contributor, user_id, n_runs, first_at, last_at)
  SELECT :project, contributor, user_id, n_runs, first_at, last_at FROM given
  ON CONFLICT (project_id, contributor) DO UPDATE SET n_runs = p.n_runs + excluded.n_runs,
    first_at = least(p.first_at, excluded.first_at), last_at = greatest(p.last_at, excluded.last_at)
  RETURNING contributor, user_id, last_at, (xmax = 0) AS is_new
), scored AS (
  INSERT INTO user_score AS u (user_id, n_runs)
  SELECT user_id, sum(n_runs) FROM given WHERE user_id IS NOT NULL GROUP BY user_id
  ON CONFLICT (user_id) DO UPDATE SET n_runs = u.n_runs + excluded.n_runs
)
INSERT INTO project_counter AS c (project_id, shard, n_task_runs, n_counted, n_completed_tasks, n_volunteers,
                                  n_anonymous, last_activity)
SELECT :project, 1, CAST(:n_runs AS bigint), CAST(:n_counted AS bigint), CAST(:n_completed AS bigint),
       count(*) FILTER (WHERE is_new AND contributor NOT LIKE 'ext:%'),
       count(*) FILTER (WHERE is_new AND user_id IS NULL AND contributor NOT LIKE 'ext:%'), max(last_at)
FROM progress
ON CONFLICT (project_id, shard) DO UPDATE SET n_task_runs = c.n_task_runs + excluded.n_task_runs,
  n_counted = c.n_counted + excluded.n_counted, n_completed_tasks = c.n_completed_tasks + excluded.n_completed_tasks,
  n_volunteers = c.n_volunteers + excluded.n_volunteers, n_anonymous = c.n_anonymous + excluded.n_anonymous,
  last_activity = greatest(c.last_activity, excluded.last_activity)
""")

_CONCLUDE = text("""
UPDATE result SET info = c.info FROM jsonb_to_recordset(CAST(:conclusions AS jsonb)) AS c (task_id bigint, info jsonb)
WHERE result.project_id = :project AND result.task_id = c.task_id AND result.last_version
""")


async def store_past_runs(session: AsyncSession, project_id: int, runs: Sequence[PastRun]) -> None:
    """Store answers to tasks that their contributors were not given before (Duplicate otherwise), with what follows.

    If one of them is to a task that the project does not have, nothing is stored (NotFound).
    """
    if not runs:
        return
    tasks = sorted({run.task_id for run in runs})
    about_tasks = {"project": project_id, "tasks": tasks}
    found = (await session.execute(_LOCK, about_tasks)).scalars().all()
    if missing := set(tasks) - set(found):
        raise NotFound("task", id=min(missing), project_id=project_id)
    about_runs = {"project": project_id, "runs": json.dumps([asdict(run) for run in runs]).decode()}
    n_runs, n_counted = (await session.execute(_STORE, about_runs)).one()
    n_completed, full = (await session.execute(_COMPLETE, about_tasks)).one()
    for statement in (_SUPERSEDE, _RESULTS) if full else ():
        await session.execute(statement, {"project": project_id, "tasks": full})
    counts = {"n_runs": n_runs, "n_counted": n_counted, "n_completed": n_completed}
    await session.execute(_PROGRESS, about_runs | counts)


async def conclude(session: AsyncSession, project_id: int, conclusions: Mapping[int, Any]) -> None:
    """Write what an owner concludes of tasks into their current results; tasks that have none are passed by."""
    rows = [{"task_id": task_id, "info": info} for task_id, info in conclusions.items()]
    await session.execute(_CONCLUDE, {"project": project_id, "conclusions": json.dumps(rows).decode()})


async def lock_filling(session: AsyncSession) -> None:
    """Wait until nobody else fills the database; until the transaction ends nobody else will."""
    # The other one takes as long as its machine does.
    await session.execute(text("SET LOCAL lock_timeout = '5min'"))
    await session.execute(select(func.pg_advisory_xact_lock(FILLING_LOCK)))


async def is_empty(session: AsyncSession) -> bool:
    """Whether nobody has made anything yet: there is no account and no project."""
    return not await session.scalar(select(exists(select(User.id)) | exists(select(Project.id))))


async def marked_accounts(session: AsyncSession, mark: str) -> list[User]:
    """The accounts whose `info` has this key set to true, the oldest first."""
    marked = select(User).where(User.info.contains({mark: True})).order_by(User.id)
    return list((await session.scalars(marked)).all())


async def add_tasks(
    session: AsyncSession, project_id: int, infos: Sequence[Any], *, n_answers: int, created: datetime
) -> list[int]:
    """New tasks in this order; returns their ids."""
    rows = [{"project_id": project_id, "info": info, "n_answers": n_answers, "created": created} for info in infos]
    ids = await session.scalars(insert(Task).returning(Task.id, sort_by_parameter_order=True), rows)
    return list(ids.all())
