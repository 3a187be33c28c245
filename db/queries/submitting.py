"""Taking in an answer: the run, its slot, its task's completion and every counter, in one transaction (design page,
section 6).

Locks are always taken in one order (assignment, slots, task, progress, score, counter), so submissions cannot wait in
a circle.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, DateTime, column, text
from sqlalchemy.ext.asyncio import AsyncSession

COUNTER_SHARDS = 8
"""How many rows share a project's counts, so that parallel submissions do not queue for one."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a contributor stands to a task, its assignment and slots locked until the transaction ends."""

    state: str
    requested_at: datetime
    n_answers: int
    n_counted: int
    n_held: int

    @property
    def has_slot(self) -> bool:
        return self.state in ("held", "reserved")

    @property
    def answered(self) -> bool:
        return self.state in ("counted", "surplus")

    @property
    def counts(self) -> bool:
        """Whether an answer now is counted: by the slot held, or by a free one."""
        return self.has_slot or self.n_counted + self.n_held < self.n_answers

    @property
    def completes(self) -> bool:
        """Whether the task has all its answers with this one; later ones give its result a new version."""
        return self.n_counted + int(self.counts) >= self.n_answers


@dataclass(frozen=True, slots=True)
class NewRun:
    """An answer to be stored. `idempotency_key` tells a retry from a second answer."""

    project_id: int
    task_id: int
    contributor: str
    info: Any
    user_id: int | None = None
    user_ip: str | None = None
    external_uid: str | None = None
    media_url: str | None = None
    timeout: int | None = None
    calibration: int | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What a submission came to."""

    run_id: int
    created: datetime
    finish_time: datetime
    counted: bool
    completed: bool
    """Whether the task is complete now."""
    result_id: int | None
    """The result's new version, if the task is complete."""


_STANDING = text("""
SELECT a.state, a.requested_at, s.n_answers, s.n_counted, s.n_held
FROM assignment a JOIN task_slots s ON s.task_id = a.task_id
WHERE a.task_id = :task AND a.contributor = :contributor AND a.project_id = :project
FOR UPDATE OF a, s
""")

_STORE = """
WITH run AS (
  INSERT INTO task_run (project_id, task_id, user_id, user_ip, external_uid, contributor, created, finish_time,
  media_url,
                        timeout, calibration, info, counted, idempotency_key)
  VALUES (:project, :task, :user, :ip, :external, :contributor, :requested_at, clock_timestamp(), :media_url,
          :timeout, :calibration, CAST(CAST(:info AS text) AS jsonb), :counts, :key)
  RETURNING id, created, finish_time
), answered AS (
  UPDATE assignment SET state = CASE WHEN :counts THEN 'counted' ELSE 'surplus' END, deadline = NULL
  WHERE task_id = :task AND contributor = :contributor
), slots AS (
  UPDATE task_slots SET n_counted = n_counted + CAST(:counts AS int), n_held = n_held - CAST(:had_slot AS int),
    n_runs = n_runs + 1, completed = :completes
  WHERE task_id = :task
), {completion} progress AS (
  INSERT INTO contributor_progress AS p (project_id, contributor, user_id, n_runs, first_at, last_at)
  VALUES (:project, :contributor, :user, 1, now(), now())
  ON CONFLICT (project_id, contributor) DO UPDATE SET n_runs = p.n_runs + 1, last_at = excluded.last_at
  RETURNING (xmax = 0) AS is_new
), score AS (
  INSERT INTO user_score AS u (user_id, n_runs) SELECT :user, 1 WHERE CAST(:user AS bigint) IS NOT NULL
  ON CONFLICT (user_id) DO UPDATE SET n_runs = u.n_runs + 1
), wakened AS (
  UPDATE users SET notified_at = NULL WHERE id = :user AND notified_at IS NOT NULL
), counted AS (
  INSERT INTO project_counter AS c (project_id, shard, n_task_runs, n_counted, n_completed_tasks, n_volunteers,
  n_anonymous,
                                    last_activity)
  SELECT :project, 1 + abs(hashtext(:contributor)) % {shards}, 1, CAST(:counts AS int), {became_complete},
         CAST(progress.is_new AS int), CAST(progress.is_new AND :user IS NULL AND :external IS NULL AS int), now()
  FROM progress
  ON CONFLICT (project_id, shard) DO UPDATE SET n_task_runs = c.n_task_runs + excluded.n_task_runs,
    n_counted = c.n_counted + excluded.n_counted, n_completed_tasks = c.n_completed_tasks + excluded.n_completed_tasks,
    n_volunteers = c.n_volunteers + excluded.n_volunteers, n_anonymous = c.n_anonymous + excluded.n_anonymous,
    last_activity = excluded.last_activity
)
SELECT run.id, run.created, run.finish_time, {result_id} AS result_id FROM run
"""

_COMPLETION = """completed AS (
  UPDATE task SET state = 'completed' WHERE id = :task AND state <> 'completed' RETURNING id
), superseded AS (
  UPDATE result SET last_version = false WHERE task_id = :task AND last_version RETURNING id
), result AS (
  INSERT INTO result (project_id, task_id, task_run_ids, last_version)
  SELECT :project, :task, (SELECT coalesce(array_agg(id ORDER BY id), '{}') FROM task_run WHERE task_id = :task) ||
  run.id, true FROM run, (SELECT count(*) FROM superseded) before
  RETURNING id
),"""

_COLUMNS = (
    column("id", BigInteger),
    column("created", DateTime(timezone=True)),
    column("finish_time", DateTime(timezone=True)),
    column("result_id", BigInteger),
)


def _statement(*, completes: bool) -> Any:
    sql = _STORE.format(
        completion=_COMPLETION if completes else "",
        shards=COUNTER_SHARDS,
        became_complete="(SELECT count(*)::int FROM completed)" if completes else "0",
        result_id="(SELECT id FROM result)" if completes else "NULL",
    )
    return text(sql).columns(*_COLUMNS)


_STORE_ONLY = _statement(completes=False)
_STORE_AND_COMPLETE = _statement(completes=True)


async def lock_standing(session: AsyncSession, *, project_id: int, task_id: int, contributor: str) -> Standing | None:
    """How the contributor stands to the task, locked; None if they were never given it."""
    values = {"task": task_id, "contributor": contributor, "project": project_id}
    row = (await session.execute(_STANDING, values)).one_or_none()
    return Standing(*row) if row is not None else None


async def store(session: AsyncSession, run: NewRun, standing: Standing) -> Stored:
    """Store the answer and all that follows from it. `standing` comes from `lock_standing` in the same transaction."""
    values = {
        "project": run.project_id,
        "task": run.task_id,
        "contributor": run.contributor,
        "user": run.user_id,
        "ip": run.user_ip,
        "external": run.external_uid,
        "media_url": run.media_url,
        "timeout": run.timeout,
        "calibration": run.calibration,
        "info": None if run.info is None else orjson.dumps(run.info).decode(),
        "key": run.idempotency_key,
        "requested_at": standing.requested_at,
        "counts": standing.counts,
        "had_slot": standing.has_slot,
        "completes": standing.completes,
    }
    statement = _STORE_AND_COMPLETE if standing.completes else _STORE_ONLY
    row = (await session.execute(statement, values)).one()
    return Stored(
        run_id=row.id,
        created=row.created,
        finish_time=row.finish_time,
        counted=standing.counts,
        completed=standing.completes,
        result_id=row.result_id,
    )


_BY_KEY = text("""
SELECT id FROM task_run
WHERE project_id = :project AND contributor = :contributor AND idempotency_key = :key AND task_id = :task
""").columns(column("id", BigInteger))


async def run_by_key(session: AsyncSession, *, project_id: int, task_id: int, contributor: str, key: str) -> int | None:
    """The run that was stored for this very submission before, if it was."""
    values = {"project": project_id, "task": task_id, "contributor": contributor, "key": key}
    return (await session.execute(_BY_KEY, values)).scalar_one_or_none()
