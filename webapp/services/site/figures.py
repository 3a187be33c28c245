"""The figures kept of many answers (`db.models.figures`): added to every second, held to a recount every night."""

import asyncio
import logging

from db.errors import DatabaseError
from db.queries.figures import folding
from db.queries.figures.recount import Difference, differences
from db.session import Database

FOLD_EVERY_S = 0.8
SECOND_LOOK_S = 5.0
"""What is being written while figures are recounted may show as a difference once, not twice."""

log = logging.getLogger(__name__)


async def fold(database: Database) -> int:
    """Add all that is new, a part at a time; how many rows that were."""
    total = 0
    while True:
        async with database.unit() as uow:
            n_rows = await folding.fold(uow.session, most=folding.MOST_ROWS)
        total += n_rows or 0
        if not n_rows or n_rows < folding.MOST_ROWS:
            return total


async def keep_folding(database: Database) -> None:
    """Add what is new for as long as this process runs. While the database is away, figures wait."""
    while True:
        try:
            await fold(database)
        except DatabaseError:
            log.exception("Adding to the figures failed; it is tried again")
            await asyncio.sleep(SECOND_LOOK_S)
        await asyncio.sleep(FOLD_EVERY_S)


async def check(database: Database) -> list[Difference]:
    """Where the figures, brought up to date, are not what a recount of all rows says, at two looks."""
    await fold(database)
    first = await _differences(database)
    if not first:
        return []
    await asyncio.sleep(SECOND_LOOK_S)
    seen = {(one.table, tuple(one.key.values())) for one in first}
    return [one for one in await _differences(database) if (one.table, tuple(one.key.values())) in seen]


async def _differences(database: Database) -> list[Difference]:
    async with database.unit() as uow:
        return await differences(uow.session)


async def rebuild(database: Database) -> None:
    """Make all figures anew from the rows; those of before are shown meanwhile."""
    async with database.unit() as uow:
        await folding.rebuild(uow.session)


async def mend(database: Database) -> int:
    """Remove what no page shows any more; hold the figures to a recount, and make them anew if they differ. How many
    differences there were."""
    async with database.unit() as uow:
        await folding.purge(uow.session)
    found = await check(database)
    for one in found:
        log.error("A figure was wrong: %s %s said %s, the rows say %s", one.table, one.key, one.kept, one.counted)
    if found:
        await rebuild(database)
    return len(found)
