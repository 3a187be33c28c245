"""Leave to answer a task, and turning that leave into a slot as the task is shown (design page, section 6)."""

from collections.abc import Collection
from typing import Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.batching import function
from db.direct import Caller

Holding = Literal["held", "gone", "not given"]
Reserving = Literal["reserved", "gone", "answered", "not given"]

_LEND = text("""
INSERT INTO assignment AS a (task_id, project_id, contributor, state, requested_at)
VALUES (:task, :project, :contributor, 'lent', now())
ON CONFLICT (task_id, contributor) DO UPDATE SET requested_at = excluded.requested_at,
  deadline = CASE WHEN a.state <> 'lent' THEN greatest(a.deadline, now() + make_interval(secs => :hold)) END
  WHERE a.state IN ('lent', 'held', 'reserved')
""")


async def lend(session: AsyncSession, *, project_id: int, task_id: int, contributor: str, hold_seconds: int) -> None:
    """Give leave to answer this very task, or begin its time anew, and that of a slot held for it; what was answered
    stays answered."""
    await session.execute(
        _LEND, {"task": task_id, "project": project_id, "contributor": contributor, "hold": hold_seconds}
    )


_HOLD = function("workbee_hold", "bigint", "bigint", "text", "int", "text", sorted_by=1)


async def hold_lent(
    caller: Caller, *, project_id: int, version: str, task_id: int, contributor: str, hold_seconds: int
) -> Holding:
    """Hold a slot of a task that was lent, letting go of another held one.

    `gone`: all its slots have been taken meanwhile; `not given`: the contributor was never given this task, or has
    answered it. Raises Outdated if the project has changed since its `version` was read.
    """
    [(holding,)] = await caller.call(_HOLD, project_id, task_id, contributor, hold_seconds, version, group=project_id)
    found: Holding = holding
    return found


_RESERVE = function("workbee_reserve", "bigint", "bigint", "text", "text", "int", "text", sorted_by=1)


async def reserve(
    caller: Caller,
    *,
    project_id: int,
    version: str,
    task_id: int,
    contributor: str,
    unsent: Collection[int],
    hold_seconds: int,
) -> Reserving:
    """Keep the slot of the task that is shown, or take one, beside that of the task drawn next. Other reserved slots of
    the contributor's are let go of, but for those of the tasks in `unsent`.

    `gone`: it was lent, and all its slots have been taken meanwhile; `answered`: by this contributor; `not given`: to
    them. Raises Outdated if the project has changed since its `version` was read.
    """
    kept = "{" + ",".join(map(str, unsent)) + "}"
    [(state,)] = await caller.call(
        _RESERVE, project_id, task_id, contributor, kept, hold_seconds, version, group=project_id
    )
    found: Reserving = state
    return found


async def was_given(caller: Caller, *, task_id: int, contributor: str) -> bool:
    """Whether the contributor was ever given this task."""
    statement = "SELECT EXISTS (SELECT 1 FROM assignment WHERE task_id = $1::bigint AND contributor = $2::text)"
    [(given,)] = await caller.fetch(statement, task_id, contributor)
    return bool(given)
