"""Statistics of projects, made by jobs (docs/contract/model.md 10), and the upkeep of past assignments."""

import logging

from db.errors import DatabaseError
from db.queries.projects import project_statistics as queries
from db.session import Database

AT_ONCE = 500

log = logging.getLogger(__name__)


async def refresh_changed(database: Database) -> int:
    """Reckon the statistics of every project that has changed since it was last done; how many. Each is a transaction
    of its own, and one that fails keeps no other waiting."""
    async with database.unit(read_only=True) as uow:
        changed = await queries.changed_projects(uow.session, limit=AT_ONCE)
    for project_id in changed:
        try:
            async with database.unit() as uow:
                await queries.refresh(uow.session, project_id)
        except DatabaseError:
            log.exception("The statistics of project %s were not made", project_id)
    return len(changed)


async def forget_old_assignments(database: Database, *, weeks: int) -> int:
    """Remove permission to answer tasks that were completed longer ago than that; how many rows."""
    async with database.unit() as uow:
        return await queries.forget_old_assignments(uow.session, weeks=weeks)
