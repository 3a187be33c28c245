"""What is left to do in a project for one contributor."""

from db.direct import Caller

# What is neither complete nor answered by them is held by others, of whom there are as many as there are people at
# work, or it is open. Both are found by their index; within EXISTS the order, which chooses it, would be dropped.
_LEFT = """
SELECT coalesce((
  SELECT true FROM assignment h WHERE h.project_id = $1::bigint AND h.state IN ('held', 'reserved')
    AND coalesce((SELECT a.state FROM assignment a WHERE a.task_id = h.task_id AND a.contributor = $2::text), 'lent')
        NOT IN ('counted', 'surplus')
  ORDER BY h.deadline LIMIT 1
), (
  SELECT true FROM task_slots s WHERE s.project_id >= $1::bigint AND s.project_id <= $1::bigint AND s.is_open
    AND coalesce((SELECT a.state FROM assignment a WHERE a.task_id = s.task_id AND a.contributor = $2::text), 'lent')
        NOT IN ('counted', 'surplus')
  ORDER BY s.project_id, s.task_id LIMIT 1
), false)
"""


async def anything_left(caller: Caller, project_id: int, contributor: str) -> bool:
    """Whether the project has a task that is not complete and that this contributor has not answered."""
    [(found,)] = await caller.fetch(_LEFT, project_id, contributor)
    return bool(found)
