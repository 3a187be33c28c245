"""What a call of the database looks at: unlike its time, the same on every machine."""

import json

from db.session import Database


async def blocks_read(database: Database, call: str) -> int:
    """How many blocks of 8 kB a function of the database, called in this way, looks at to give its one row."""
    [(explained,)] = await database.autocommit.fetch(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM {call}")
    plan: dict[str, int] = json.loads(explained)[0]["Plan"]
    assert plan["Actual Rows"] == 1
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
