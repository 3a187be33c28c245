"""What a call of the database looks at: unlike its time, the same on every machine."""

import json
from collections.abc import Awaitable
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncSession

from db.session import Database

EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON)"


def _blocks(explained: Any) -> tuple[int, int]:
    """How many blocks a plan has read, and how many rows it gave."""
    plan = json.loads(explained) if isinstance(explained, str | bytes) else explained
    top: dict[str, int] = plan[0]["Plan"]
    return top["Shared Hit Blocks"] + top["Shared Read Blocks"], top["Actual Rows"]


async def blocks_read(database: Database, call: str) -> int:
    """How many blocks of 8 kB a function of the database, called in this way, looks at to give its one row."""
    [(explained,)] = await database.autocommit.fetch(f"{EXPLAIN} SELECT * FROM {call}")
    n_blocks, n_rows = _blocks(explained)
    assert n_rows == 1
    return n_blocks


async def blocks_read_by(session: AsyncSession, work: Awaitable[object]) -> int:
    """How many blocks the statements look at, reading ones all, that `work` sends over the session: each is sent once
    more, to be explained."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        sent.append((statement, values))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        await work
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    connection: Any = (await (await session.connection()).get_raw_connection()).driver_connection
    return sum([_blocks(await connection.fetchval(f"{EXPLAIN} {one}", *values))[0] for one, values in sent])
