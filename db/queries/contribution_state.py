"""What is left to do in a project for one contributor."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_LEFT = text("""
SELECT EXISTS (SELECT 1 FROM task_slots s WHERE s.project_id = :project AND NOT s.completed
  AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.task_id = s.task_id AND a.contributor = :contributor
                  AND a.state IN ('counted', 'surplus')))
""")


async def anything_left(session: AsyncSession, project_id: int, contributor: str) -> bool:
    """Whether the project has a task that is not complete and that this contributor has not answered."""
    found = await session.execute(_LEFT, {"project": project_id, "contributor": contributor})
    return bool(found.scalar_one())
