"""The engine: SQLAlchemy over asyncpg, with the settings that every connection of ours has."""

from collections.abc import Mapping
from typing import Any, cast

import asyncpg
from sqlalchemy import URL, event, exc, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from db import json
from db.errors import DatabaseUnavailable, translate
from db.tally import count_statement

DRIVER = "postgresql+asyncpg"

SERVER_SETTINGS = {
    "application_name": "workbee",
    "timezone": "UTC",
    # Compiling a plan takes longer than any statement of ours runs.
    "jit": "off",
    # After five executions PostgreSQL may settle on a plan that ignores the values: draws became 1,000 times slower.
    "plan_cache_mode": "force_custom_plan",
    # Nobody waits for ever: after this a unit of work is run again, or answered as busy.
    "lock_timeout": "10s",
}

TRACKED = frozenset({"application_name", "timezone"})
"""Settings that a pooler keeps for each of its clients; others it refuses to be told by them (`db.pooler`)."""

PLAN_CHECKS_ONCE = text("SET LOCAL plan_cache_mode = force_generic_plan")
"""Before many rows are written or removed: the checks and cascades of foreign keys are statements too, one a row.

Planned anew each time they take longer than the rows; planned for a project that the statistics do not know yet, they
may read all of its tasks. What the statement itself depends on is then written into it, not given as a parameter.
"""


MAY_TAKE_LONG = text("SET LOCAL statement_timeout = '15min'")
"""Before a write that goes through all of a project or of a person."""


def connection_settings(statement_seconds: float | None) -> dict[str, str]:
    """What every connection of ours has; `statement_seconds` is how long a statement on it may take, reads and writes
    alike, unless its transaction says otherwise."""
    limit = {} if statement_seconds is None else {"statement_timeout": f"{int(statement_seconds * 1000)}ms"}
    return SERVER_SETTINGS | limit


def sent_settings(settings: Mapping[str, str], *, pooled: bool) -> dict[str, str]:
    """Those of these settings that a new connection sends: all, or what a pooler takes."""
    return {name: value for name, value in settings.items() if not pooled or name in TRACKED}


def driver_url(url: str) -> URL:
    """The URL with our driver, and libpq's `sslmode` under the name that asyncpg knows."""
    parsed = make_url(url)
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ValueError(f"not a PostgreSQL URL: {parsed.render_as_string()}")
    query = dict(parsed.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    return parsed.set(drivername=DRIVER, query=query)


async def connect(*address: Any, **options: Any) -> "asyncpg.Connection[Any]":
    """A connection of the driver, as `asyncpg.connect` makes it. Raises DatabaseUnavailable where nobody answers."""
    try:
        made: asyncpg.Connection[Any] = await asyncpg.connect(*address, **options)
    except OSError as error:
        raise DatabaseUnavailable(str(error) or type(error).__name__) from error
    return made


def dump_json(value: object) -> str:
    return json.dumps(value).decode()


def create_engine(
    url: str, *, pool_size: int = 10, settings: dict[str, str] | None = None, pooled: bool = False, **options: Any
) -> AsyncEngine:
    """An engine whose errors are ours (`db.errors`), and which survives a restart of PostgreSQL. `pooled`: at a pooler,
    whose connections have the settings already."""
    pool = {} if "poolclass" in options else {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": 30}
    engine = create_async_engine(
        driver_url(url),
        json_serializer=dump_json,
        json_deserializer=json.loads,
        connect_args={
            "server_settings": sent_settings(SERVER_SETTINGS | (settings or {}), pooled=pooled),
            "timeout": 10,
            "async_creator_fn": connect,
        },
        **pool,
        **options,
    )
    event.listen(engine.sync_engine, "handle_error", raise_our_error)
    event.listen(engine.sync_engine, "before_cursor_execute", _count)
    event.listen(engine.sync_engine.pool, "checkout", refuse_closed_connection)
    return engine


def _count(*_about: object) -> None:
    count_statement()


def raise_our_error(context: ExceptionContext) -> BaseException | None:
    """Have SQLAlchemy raise our error in place of its own, with the driver's as its cause."""
    return translate(context.sqlalchemy_exception or context.original_exception)


def refuse_closed_connection(
    connection: Any, _entry: ConnectionPoolEntry | None, _proxy: PoolProxiedConnection | None
) -> None:
    """Throw the pool's connections away if this one was lost while idle.

    The driver knows it at once from its socket, so that this costs no round trip, unlike a ping.
    """
    if cast("Any", connection).driver_connection.is_closed():
        raise exc.InvalidatePoolError
