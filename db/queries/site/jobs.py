"""Jobs as rows: procrastinate's own function inserts one, and notifies the worker at commit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db import json

_DEFER = text("""
SELECT unnest(procrastinate_defer_jobs_v1(ARRAY[ROW(
  CAST(:queue AS varchar), CAST(:name AS varchar), CAST(:priority AS integer), CAST(:lock AS varchar),
  CAST(:queueing_lock AS varchar), CAST(CAST(:args AS text) AS jsonb), NULL
)::procrastinate_job_to_defer_v1]))
""")


async def defer(
    session: AsyncSession,
    name: str,
    arguments: dict[str, object],
    *,
    queue: str,
    priority: int,
    lock: str | None,
    queueing_lock: str | None,
) -> int:
    """Insert a job; its id."""
    values = {
        "queue": queue,
        "name": name,
        "priority": priority,
        "lock": lock,
        "queueing_lock": queueing_lock,
        "args": json.dumps(arguments).decode(),
    }
    return int((await session.execute(_DEFER, values)).scalar_one())


_DEFER_SAME = text("""
SELECT procrastinate_defer_jobs_v1(array_agg(ROW(
  CAST(:queue AS varchar), CAST(:name AS varchar), CAST(:priority AS integer), NULL, NULL,
  jsonb_build_object(CAST(:argument AS text), value), NULL
)::procrastinate_job_to_defer_v1 ORDER BY value))
FROM unnest(CAST(:values AS bigint[])) value
""")


async def defer_same(
    session: AsyncSession, name: str, argument: str, values: list[int], *, queue: str, priority: int
) -> None:
    """Insert a job of this name for each of the values, which its `argument` has."""
    if values:
        asked = {"queue": queue, "name": name, "priority": priority, "argument": argument, "values": values}
        await session.execute(_DEFER_SAME, asked)


@dataclass(frozen=True, slots=True)
class QueueState:
    """The jobs of one queue. What is done is not kept."""

    name: str
    n_waiting: int
    n_running: int
    n_failed: int


@dataclass(frozen=True, slots=True)
class FailedJob:
    """A job that was given up."""

    id: int
    name: str
    queue: str
    attempts: int
    arguments: dict[str, Any]
    lock: str | None
    at: datetime | None
    trace: str | None


_QUEUES = text("""
SELECT queue_name, count(*) FILTER (WHERE status = 'todo'), count(*) FILTER (WHERE status = 'doing'),
       count(*) FILTER (WHERE status = 'failed')
FROM procrastinate_jobs GROUP BY queue_name ORDER BY queue_name
""")
_FAILED = """
SELECT j.id, j.task_name, j.queue_name, j.attempts, j.args, j.lock, f.at, f.trace
FROM procrastinate_jobs j LEFT JOIN job_failure f ON f.job_id = j.id WHERE j.status = 'failed'
"""
_LATEST_FAILED = text(f"{_FAILED} ORDER BY j.id DESC LIMIT :limit")
_ONE_FAILED = text(f"{_FAILED} AND j.id = :id FOR UPDATE OF j")
_REMOVE = text("DELETE FROM procrastinate_jobs WHERE id = :id AND status = 'failed'")
_FORGET_TRACE = text("DELETE FROM job_failure WHERE job_id = :id")
_NOTE = text("""
INSERT INTO job_failure (job_id, trace) VALUES (:id, :trace)
ON CONFLICT (job_id) DO UPDATE SET at = now(), trace = excluded.trace
""")
_FORGET_OLD = text("""
DELETE FROM procrastinate_jobs j USING job_failure f
WHERE f.job_id = j.id AND j.status = 'failed' AND f.at < now() - make_interval(days => :days)
""")
_FORGET_TRACES = text("""
DELETE FROM job_failure f WHERE NOT EXISTS (SELECT 1 FROM procrastinate_jobs j WHERE j.id = f.job_id)
""")


async def queues(session: AsyncSession) -> list[QueueState]:
    """The queues that hold any job, by name."""
    return [QueueState(*row) for row in await session.execute(_QUEUES)]


async def failed(session: AsyncSession, *, limit: int) -> list[FailedJob]:
    """Jobs that were given up, the latest first."""
    return [FailedJob(*row) for row in await session.execute(_LATEST_FAILED, {"limit": limit})]


async def find_failed(session: AsyncSession, job_id: int) -> FailedJob | None:
    """This job, if it was given up, and locked against others who would do something with it."""
    row = (await session.execute(_ONE_FAILED, {"id": job_id})).one_or_none()
    return FailedJob(*row) if row is not None else None


async def remove_failed(session: AsyncSession, job_id: int) -> None:
    """Forget this job, which was given up."""
    for statement in (_REMOVE, _FORGET_TRACE):
        await session.execute(statement, {"id": job_id})


async def note_failure(session: AsyncSession, job_id: int, trace: str) -> None:
    """Keep why this job has failed, in place of what was kept of it before."""
    await session.execute(_NOTE, {"id": job_id, "trace": trace})


async def forget_failures(session: AsyncSession, *, days: int) -> None:
    """Forget jobs that were given up so long ago, and the traces of jobs that have gone."""
    await session.execute(_FORGET_OLD, {"days": days})
    await session.execute(_FORGET_TRACES)
