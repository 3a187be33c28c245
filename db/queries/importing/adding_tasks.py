"""Many tasks at once, in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import PLAN_CHECKS_ONCE

_ADD = text("""
INSERT INTO task (project_id, info, n_answers, priority_0, quorum, calibration)
SELECT project_id, CAST(info AS jsonb), n_answers, priority_0, quorum, calibration
FROM unnest(CAST(:project_ids AS bigint[]), CAST(:infos AS text[]), CAST(:n_answers AS integer[]),
            CAST(:priorities AS double precision[]), CAST(:quorums AS integer[]), CAST(:calibrations AS integer[]))
     WITH ORDINALITY AS given(project_id, info, n_answers, priority_0, quorum, calibration, place)
ORDER BY place RETURNING id
""")


DEFAULT_ANSWERS = 30
"""The redundancy of a task that names none, as the table has it."""


@dataclass(frozen=True, slots=True)
class TaskToAdd:
    """A task as it will be stored."""

    project_id: int
    info: str | None
    """JSON text; None for JSON's null."""
    n_answers: int = DEFAULT_ANSWERS
    priority_0: float = 0.0
    quorum: int = 0
    calibration: int = 0


async def add_tasks(session: AsyncSession, tasks: Sequence[TaskToAdd]) -> list[int]:
    """Add them all; their ids, in the same order."""
    await session.execute(PLAN_CHECKS_ONCE)
    columns = {
        "project_ids": [task.project_id for task in tasks],
        "infos": [task.info for task in tasks],
        "n_answers": [task.n_answers for task in tasks],
        "priorities": [task.priority_0 for task in tasks],
        "quorums": [task.quorum for task in tasks],
        "calibrations": [task.calibration for task in tasks],
    }
    return sorted((await session.scalars(_ADD, columns)).all())
