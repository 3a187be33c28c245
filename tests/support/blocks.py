"""What whole requests look at in the database: counted by PostgreSQL itself (`pg_stat_statements`), for all statements
of a role, those inside of functions with the one that calls them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row

PRELOADED = {"shared_preload_libraries": "pg_stat_statements"}
"""Settings of a PostgreSQL whose blocks can be counted."""
_READ = """
SELECT sum(shared_blks_hit + shared_blks_read)::bigint AS n_blocks, sum(calls)::bigint AS n_calls, query
FROM pg_stat_statements s JOIN pg_roles r ON r.oid = s.userid
WHERE rolname = %s AND toplevel GROUP BY query ORDER BY 1 DESC"""


@dataclass(frozen=True, slots=True)
class StatementBlocks:
    """What one statement has looked at, in blocks of 8 kB, each time that one is looked at."""

    n_blocks: int
    n_calls: int
    query: str


class BlockCounter:
    """Counts for one role. Planning is not counted: what it looks at is known after the first time."""

    def __init__(self, connection: psycopg.Connection, role: str) -> None:
        self._connection = connection
        self._role = role

    def begin(self) -> None:
        """Forget what was counted so far."""
        self._connection.execute("SELECT pg_stat_statements_reset()")

    def statements(self) -> list[StatementBlocks]:
        """Since then, the dearest first."""
        cursor = self._connection.cursor(row_factory=class_row(StatementBlocks))
        return cursor.execute(_READ, [self._role]).fetchall()


@contextmanager
def block_counter(superuser_url: str, role: str) -> Iterator[BlockCounter]:
    """For a server with `PRELOADED`; `superuser_url` leads to its maintenance database, which gets the extension."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        yield BlockCounter(connection, role)
