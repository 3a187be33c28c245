"""Publishing: what was tried out before does not count (03-model section 4, 08-gaps 2.2)."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# Deleted runs are taken out of every count by their trigger; what remains are leave, states and results.
_STEPS = (
    "SELECT 1 FROM task_slots WHERE project_id = :project ORDER BY task_id FOR UPDATE",
    "DELETE FROM result WHERE project_id = :project",
    "DELETE FROM task_run WHERE project_id = :project",
    "DELETE FROM assignment WHERE project_id = :project",
    "UPDATE task_slots SET n_held = 0, n_counted = 0, n_runs = 0, ceiling = n_answers WHERE project_id = :project",
    "UPDATE task SET state = 'ongoing' WHERE project_id = :project AND state <> 'ongoing'",
    "DELETE FROM webhook WHERE project_id = :project",
    """UPDATE project_counter SET n_completed_tasks = 0, n_task_runs = 0, n_counted = 0, n_results = 0, n_volunteers =
    0,
       n_anonymous = 0, last_activity = NULL WHERE project_id = :project""",
    "UPDATE project SET published = true, updated = now() WHERE id = :project",
)


async def publish(session: AsyncSession, project_id: int) -> None:
    """Publish the project as new: no answers, results or leave to answer from the time it was tried out."""
    for step in _STEPS:
        await session.execute(text(step), {"project": project_id})
