"""Taking in an answer: the run, its slot, its task's completion and every counter, in one transaction
(docs/architecture.md 6).

The database's function `workbee_submit` does it. Locks are always taken in one order (contributor, assignment, slots,
task, progress, score, counter), so submissions cannot wait in a circle.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.calls import function
from db.executors import Executor

Outcome = Literal["stored", "repeated", "answered", "not requested", "other project", "no task"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to be stored. `idempotency_key` tells a retry from a second answer."""

    project_id: int
    version: int
    """That of the project as it was read."""
    breadth_first: bool
    """Whether the project hands out the tasks with the fewest runs first."""
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
class Submitted:
    """What a submission came to.

    - `stored`: it is kept, `counted` or as surplus; `completed` if the task has all its answers, and `result_id` is
      the result's new version then;
    - `repeated`: the same submission was stored before, and this is its run;
    - `answered`: this contributor has answered the task by another submission;
    - `not requested`: the task was never given to them; `other project`, `no task`: it is not this project's, or
      nobody's.
    """

    outcome: Outcome
    run_id: int | None
    created: datetime | None
    finish_time: datetime | None
    counted: bool | None
    completed: bool | None
    result_id: int | None


ONE_KEY = "uq_task_run_idempotency_key"
"""The constraint by which an idempotency key stands for one answer."""

_SUBMIT = function("workbee_submit", Answer, sorted_by="task_id")
_INFO = _SUBMIT.names.index("info")
LONGEST_BATCHED = 100_000
"""Characters of an answer that goes with others: a larger one would keep them waiting while it is written."""


async def submit(executor: Executor, answer: Answer) -> Submitted:
    """Store the answer and all that follows from it, if it may be stored. Raises StaleVersion if the project has
    changed since it was read."""
    values = _SUBMIT.values(answer)
    is_short = values[_INFO] is None or len(values[_INFO]) <= LONGEST_BATCHED
    [row] = await executor.call(_SUBMIT, *values, group=answer.project_id if is_short else None)
    return Submitted(*row)


_LOCK = text("""
SELECT 1 FROM assignment a JOIN task_slots s ON s.task_id = a.task_id
WHERE a.task_id = :task AND a.contributor = :contributor AND a.project_id = :project
FOR UPDATE OF a, s
""")


async def lock_task(session: AsyncSession, *, project_id: int, task_id: int, contributor: str) -> None:
    """Let whoever is just answering the task go first, and nobody else until the transaction ends."""
    await session.execute(_LOCK, {"task": task_id, "contributor": contributor, "project": project_id})
