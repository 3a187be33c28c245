"""Leave to answer a task, and turning that leave into a slot as the task is shown (design page, section 6)."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.direct import Caller
from db.errors import Busy

_LEND = text("""
INSERT INTO assignment AS a (task_id, project_id, contributor, state, requested_at)
VALUES (:task, :project, :contributor, 'lent', now())
ON CONFLICT (task_id, contributor) DO UPDATE SET requested_at = excluded.requested_at
  WHERE a.state IN ('lent', 'held', 'reserved')
""")

_ONE_AFTER_THE_OTHER = text("SELECT pg_advisory_xact_lock(hashtextextended(:contributor, :project))")

_MINE = text("""
SELECT state FROM assignment WHERE task_id = :task AND contributor = :contributor AND project_id = :project FOR UPDATE
""")

_LET_GO = text("""
WITH freed AS (
  UPDATE assignment SET state = 'lent', deadline = NULL
  WHERE project_id = :project AND contributor = :contributor AND state = 'held' AND task_id <> :task RETURNING task_id
)
UPDATE task_slots s SET n_held = s.n_held - 1 FROM freed WHERE s.task_id = freed.task_id
""")

_SLOT_LOCKED_NOW = text("SELECT is_open FROM task_slots WHERE task_id = :task FOR UPDATE SKIP LOCKED")

_TAKE = text("""
WITH slot AS (UPDATE task_slots SET n_held = n_held + 1 WHERE task_id = :task)
UPDATE assignment SET state = 'held', requested_at = now(), deadline = now() + make_interval(secs => :hold)
WHERE task_id = :task AND contributor = :contributor
""")

_EXTEND = text("""
UPDATE assignment SET requested_at = now(), deadline = greatest(deadline, now() + make_interval(secs => :hold))
WHERE task_id = :task AND contributor = :contributor
""")


async def lend(session: AsyncSession, *, project_id: int, task_id: int, contributor: str) -> None:
    """Give leave to answer this very task, or begin its time anew; what was answered stays answered."""
    await session.execute(_LEND, {"task": task_id, "project": project_id, "contributor": contributor})


async def hold_lent(
    session: AsyncSession, *, project_id: int, task_id: int, contributor: str, hold_seconds: int
) -> bool | None:
    """Hold a slot of a task that was lent, letting go of another held one; False if all its slots have gone meanwhile.

    None if the contributor was never given this task, or has answered it. Raises Busy where somebody else is just
    taking or answering this task: waiting here, while another slot is being let go, could wait in a circle.
    """
    values: dict[str, Any] = {"task": task_id, "project": project_id, "contributor": contributor, "hold": hold_seconds}
    await session.execute(_ONE_AFTER_THE_OTHER, values)
    state = (await session.execute(_MINE, values)).scalar_one_or_none()
    if state in (None, "counted", "surplus"):
        return None
    if state in ("held", "reserved"):
        await session.execute(_EXTEND, values)
        return True
    await session.execute(_LET_GO, values)
    is_open = (await session.execute(_SLOT_LOCKED_NOW, values)).scalar_one_or_none()
    if is_open is None:
        raise Busy("this task's slots are being counted by somebody else")
    if is_open:
        await session.execute(_TAKE, values)
    return bool(is_open)


async def was_given(caller: Caller, *, task_id: int, contributor: str) -> bool:
    """Whether the contributor was ever given this task."""
    statement = "SELECT EXISTS (SELECT 1 FROM assignment WHERE task_id = $1::bigint AND contributor = $2::text)"
    [(given,)] = await caller.fetch(statement, task_id, contributor)
    return bool(given)
