"""Calls of the database's own functions, for the paths that must be cheap (design page, sections 3 and 10).

A call is one statement that commits by itself: no session, no transaction block, one round trip. What has to happen
together with other writes takes the same call inside a unit of work instead.
"""

import asyncio
import re
from typing import Any, Protocol

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import SERVER_SETTINGS, driver_url
from db.errors import is_of_the_database, translate

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
PLACEHOLDER = re.compile(r"\$(\d+)")


class Caller(Protocol):
    """Runs one statement with `$1`, `$2`, … for its values, and gives its rows."""

    async def fetch(self, statement: str, *values: Any) -> list[Any]: ...


class Direct:
    """Connections of their own, on which every statement commits by itself. One per process."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        address = driver_url(url)
        query = dict(address.query)
        self._options: dict[str, Any] = {
            "host": query.get("host", address.host),
            "port": address.port,
            "user": address.username,
            "password": address.password,
            "database": address.database,
            "ssl": query.get("ssl"),
            "min_size": 0,
            "max_size": pool_size,
            "server_settings": SERVER_SETTINGS | PLANNED_ONCE,
            "timeout": 10,
            "reset": _leave_as_it_is,
        }
        self._pool: asyncpg.Pool[Any] | None = None
        self._opening = asyncio.Lock()

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        """The rows of the statement, committed. Raises the errors of `db.errors`."""
        try:
            pool = self._pool or await self._open()
            return await pool.fetch(statement, *values)
        except Exception as error:
            ours = translate(error) if is_of_the_database(error) else None
            if ours is None:
                raise
            raise ours from error

    async def _open(self) -> "asyncpg.Pool[Any]":
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(**self._options)
            return self._pool

    async def close(self) -> None:
        """Close every connection."""
        if self._pool is not None:
            await self._pool.close()
            self._pool = None


async def _leave_as_it_is(_connection: Any) -> None:
    """Nothing is set or left open on these connections, so that giving one back costs no round trip."""


class InSession:
    """The same calls inside a session's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        named = {f"p{place}": value for place, value in enumerate(values, 1)}
        result = await self._session.execute(text(PLACEHOLDER.sub(r"(:p\1)", statement)), named)
        return list(result.all())
