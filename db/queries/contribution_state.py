"""What is left to do in a project for one contributor."""

from db.direct import Caller

_LEFT = """
SELECT EXISTS (SELECT 1 FROM task_slots s WHERE s.project_id = $1::bigint AND NOT s.completed
  AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.task_id = s.task_id AND a.contributor = $2::text
                  AND a.state IN ('counted', 'surplus')))
"""


async def anything_left(caller: Caller, project_id: int, contributor: str) -> bool:
    """Whether the project has a task that is not complete and that this contributor has not answered."""
    [(found,)] = await caller.fetch(_LEFT, project_id, contributor)
    return bool(found)
