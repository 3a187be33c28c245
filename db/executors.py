"""Calls of the database's own functions, for the paths that must be cheap (docs/architecture.md 3 and 10).

A call is one statement that commits by itself: no session, no transaction block, one round trip. What has to happen
together with other writes takes the same call inside a unit of work instead.
"""

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from time import monotonic
from typing import Any, Protocol

import asyncpg
from sqlalchemy import URL, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.batching import StatementBatcher
from db.calls import PLACEHOLDER, BatchedStatement
from db.engine import SERVER_SETTINGS, connect, driver_url, sent_settings
from db.errors import refused_by_closed, translate
from db.tally import count_statement

# Each statement in the functions reads by the one index that has its order, whatever the values are: its plan can be
# kept. Without these, a plan made while a table was small would sort or scan it for ever.
PLANNED_ONCE = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_sort": "off",
    "enable_incremental_sort": "off",
}
LONGEST_IDLE_S = 300.0
"""Firewalls forget connections that say nothing for long, and tell nobody."""


def address_options(address: URL) -> dict[str, Any]:
    """How asyncpg is told where to connect to, and as whom."""
    return {
        "host": address.query.get("host", address.host),
        "port": address.port,
        "user": address.username,
        "password": address.password,
        "database": address.database,
        "ssl": address.query.get("ssl"),
    }


class Executor(Protocol):
    """Runs one statement with `$1`, `$2`, … for its values, and gives its rows."""

    async def fetch(self, statement: str, *values: Any) -> list[Any]: ...

    async def call(self, what: BatchedStatement, *values: Any, group: Hashable | None) -> list[Any]:
        """The rows for these values; calls of the same group may be made together, those without one are not."""
        ...


class AutocommitExecutor:
    """Connections of their own, on which every statement commits by itself. One per process.

    The one used last is used first, so that few are busy and their caches are warm. Giving one back costs nothing:
    nothing is ever set or left open on them. `asyncpg.Pool` (0.32) keeps connections in the same order and time, but
    gives each back in a task of its own, behind a proxy and a timer, even where `reset=` does nothing: measured in
    turns, 30 µs a statement, which is 6 % of what a draw and its answer cost a web worker where one asks at a time.
    """

    def __init__(
        self, url: str, *, pool_size: int = 8, settings: Mapping[str, str] = SERVER_SETTINGS, pooled: bool = False
    ) -> None:
        """`pooled`: at a pooler, whose connections have the settings already."""
        self._options = address_options(driver_url(url)) | {
            "server_settings": sent_settings({**settings, **PLANNED_ONCE}, pooled=pooled),
            "timeout": 10,
        }
        self._places = asyncio.Semaphore(pool_size)
        self._idle: list[tuple[asyncpg.Connection[Any], float]] = []
        """Those that are free, and since when."""
        self.batches = StatementBatcher(self.fetch)

    async def call(self, what: BatchedStatement, *values: Any, group: Hashable | None) -> list[Any]:
        """The rows for these values, committed, perhaps together with other calls. Raises the errors of `db.errors`."""
        if group is None:
            return await self.fetch(what.alone, *values)
        count_statement()
        return await self.batches.call(what, values, group=group)

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        """The rows of the statement, committed. Raises the errors of `db.errors`."""
        count_statement()
        try:
            async with self._places:
                return await self._fetch(statement, values)
        except Exception as error:
            ours = translate(error)
            if ours is None or ours is error:
                raise
            raise ours from error

    async def _fetch(self, statement: str, values: Sequence[Any]) -> list[Any]:
        connection = await self._take()
        try:
            rows: list[Any] = await connection.fetch(statement, *values)
        except asyncpg.PostgresError:
            # The server has answered, if only to refuse: the connection is as good as before, unless it closed it.
            self._give_back(connection)
            raise
        except BaseException as error:
            away = refused_by_closed(connection, error)
            connection.terminate()
            if away is not None:
                raise away from error
            raise
        self._give_back(connection)
        return rows

    async def _take(self) -> "asyncpg.Connection[Any]":
        while self._idle:
            connection, since = self._idle.pop()
            if connection.is_closed():
                continue
            if monotonic() - since < LONGEST_IDLE_S:
                return connection
            connection.terminate()
        return await connect(**self._options)

    def _give_back(self, connection: "asyncpg.Connection[Any]") -> None:
        if not connection.is_closed():
            self._idle.append((connection, monotonic()))

    async def close(self) -> None:
        """Give up the batches under way, and close every connection that nobody uses."""
        await self.batches.close()
        while self._idle:
            connection, _ = self._idle.pop()
            await connection.close()


class SessionExecutor:
    """The same calls inside a session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        named = {f"p{place}": value for place, value in enumerate(values, 1)}
        result = await self._session.execute(text(PLACEHOLDER.sub(r"(:p\1)", statement)), named)
        return list(result.all())

    async def call(self, what: BatchedStatement, *values: Any, group: Hashable | None) -> list[Any]:
        """As `fetch` of the call alone: a transaction of several steps is nobody else's."""
        return await self.fetch(what.alone, *values)
