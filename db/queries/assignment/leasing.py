"""Permission to answer a task, and turning it into a lease as the task is shown (docs/architecture.md 6)."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.calls import function
from db.executors import Executor

LeaseOutcome = Literal["leased", "gone", "not offered"]
ReservationOutcome = Literal["reserved", "gone", "answered", "not offered"]

_OFFER = text("""
INSERT INTO assignment AS a (task_id, project_id, contributor, state, requested_at)
VALUES (:task, :project, :contributor, 'offered', now())
ON CONFLICT (task_id, contributor) DO UPDATE SET requested_at = excluded.requested_at,
  deadline = CASE WHEN a.state <> 'offered' THEN greatest(a.deadline, now() + make_interval(secs => :seconds)) END
  WHERE a.state IN ('offered', 'leased', 'reserved')
""")


async def offer(session: AsyncSession, *, project_id: int, task_id: int, contributor: str, lease_seconds: int) -> None:
    """Give permission to answer this very task, or begin its time anew, and that of a slot leased of it; what was
    answered stays answered."""
    values = {"task": task_id, "project": project_id, "contributor": contributor, "seconds": lease_seconds}
    await session.execute(_OFFER, values)


@dataclass(frozen=True, slots=True)
class Lease:
    """A slot of an offered task is wanted, in place of another leased one."""

    project_id: int
    version: int
    """That of the project as it was read."""
    task_id: int
    contributor: str
    lease_seconds: int


_LEASE = function("workbee_lease", Lease, sorted_by="task_id")


async def lease(executor: Executor, wanted: Lease) -> LeaseOutcome:
    """Lease a slot of a task that was offered, letting go of another one.

    `gone`: all its slots have been taken meanwhile; `not offered`: the contributor was never given this task, or has
    answered it. Raises StaleVersion if the project has changed since it was read.
    """
    [(outcome,)] = await executor.call(_LEASE, *_LEASE.values(wanted), group=wanted.project_id)
    found: LeaseOutcome = outcome
    return found


@dataclass(frozen=True, slots=True)
class Reservation:
    """The slot of the task that is shown is wanted beside that of the task drawn next."""

    project_id: int
    version: int
    """That of the project as it was read."""
    task_id: int
    contributor: str
    unsent: tuple[int, ...]
    """The tasks whose answers are on their way: their slots are kept too."""
    lease_seconds: int


_RESERVE = function("workbee_reserve", Reservation, sorted_by="task_id")


async def reserve(executor: Executor, wanted: Reservation) -> ReservationOutcome:
    """Keep the slot of the task that is shown, or take one. Other reserved slots of the contributor's are let go of,
    but for those of the tasks in `unsent`.

    `gone`: it was offered, and all its slots have been taken meanwhile; `answered`: by this contributor; `not offered`:
    to them. Raises StaleVersion if the project has changed since it was read.
    """
    [(outcome,)] = await executor.call(_RESERVE, *_RESERVE.values(wanted), group=wanted.project_id)
    found: ReservationOutcome = outcome
    return found


async def was_offered(executor: Executor, *, task_id: int, contributor: str) -> bool:
    """Whether the contributor was ever given this task."""
    statement = "SELECT EXISTS (SELECT 1 FROM assignment WHERE task_id = $1::bigint AND contributor = $2::text)"
    [(found,)] = await executor.fetch(statement, task_id, contributor)
    return bool(found)
