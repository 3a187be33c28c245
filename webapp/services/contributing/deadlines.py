"""Upkeep of slots' deadlines, made by a job. Passed ones themselves are seen to by draws (docs/assignment.md)."""

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
