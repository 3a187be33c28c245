"""Upkeep of assignments, made by jobs: of those of long ago, and of deadlines.

Passed deadlines themselves are seen to by draws (docs/assignment.md).
"""

from db.queries.assignment import deadlines
from db.session import Database

ACTIVE_HOURS = 3
"""Longer than most holds: those of the last answers have passed by then too."""


async def remember_none_due(database: Database) -> int:
    """Remember for every project at work how far no slot is past its deadline; how many projects that were."""
    projects = await deadlines.lately_active(database.autocommit, hours=ACTIVE_HOURS)
    for project_id in projects:
        await deadlines.remember_none_due(database.autocommit, project_id)
    return len(projects)


async def forget_old_assignments(database: Database, *, weeks: int) -> int:
    """Remove permission to answer tasks that were completed longer ago than that; how many rows."""
    async with database.unit() as uow:
        return await deadlines.forget_old_assignments(uow.session, weeks=weeks)
