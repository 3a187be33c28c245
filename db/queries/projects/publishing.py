"""Publishing: what was tried out before does not count (docs/contract/model.md 4, docs/contract/gaps.md 2.2)."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# First, and alone: of two who publish at once the second waits here, and then finds it done.
_PUBLISH = text("""
UPDATE project p SET published = true, updated = now(), first_published = coalesce(p.first_published, now())
FROM (SELECT id, first_published FROM project WHERE id = :project FOR UPDATE) before
WHERE p.id = before.id AND NOT p.published RETURNING before.first_published IS NULL
""")
# A project that an older Workbee published has no time of it, and its answers count all the same.
_UNPUBLISH = text("""
UPDATE project SET published = false, updated = now(), first_published = coalesce(first_published, now())
WHERE id = :project AND published RETURNING id
""")

# Deleted runs are taken out of every count by their trigger; what remains are leave, states and results. Tasks that
# nobody has touched are not written.
_STEPS = (
    "SELECT 1 FROM task_slots WHERE project_id = :project ORDER BY task_id FOR UPDATE",
    "DELETE FROM result WHERE project_id = :project",
    "DELETE FROM task_run WHERE project_id = :project",
    "DELETE FROM assignment WHERE project_id = :project",
    """UPDATE task_slots SET n_leased = 0, n_counted = 0, n_runs = 0, breadth = 0, ceiling = n_answers
       WHERE project_id = :project AND (n_leased, n_counted, n_runs, breadth, ceiling) <> (0, 0, 0, 0, n_answers)""",
    "UPDATE task SET state = 'ongoing' WHERE project_id = :project AND state <> 'ongoing'",
    "DELETE FROM webhook WHERE project_id = :project",
    """UPDATE project_counter SET n_completed_tasks = 0, n_task_runs = 0, n_counted = 0, n_results = 0,
       n_volunteers = 0, n_anonymous = 0, last_activity = NULL, ln_seconds = NULL WHERE project_id = :project""",
)


async def publish(session: AsyncSession, project_id: int) -> bool:
    """Publish the project. The first time it begins as new: no answers, results or permission to answer from the time
    it was tried out. Later what volunteers have answered stays.

    False if it is published already: then nothing is touched.
    """
    values = {"project": project_id}
    is_first = (await session.execute(_PUBLISH, values)).scalar_one_or_none()
    if is_first is None:
        return False
    if is_first:
        for step in _STEPS:
            await session.execute(text(step), values)
    return True


async def unpublish(session: AsyncSession, project_id: int) -> bool:
    """Make it a draft again, with all its answers. False if it is one already."""
    return (await session.execute(_UNPUBLISH, {"project": project_id})).scalar_one_or_none() is not None
