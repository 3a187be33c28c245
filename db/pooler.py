"""PgBouncer in transaction mode between web workers and PostgreSQL.

It hands a client another connection for each transaction, so what a client sets for its session is lost, or meets
somebody else. What our sessions set is therefore said where it opens connections, by `connect_query`. Calls that commit
by themselves have settings of their own (`db.executors`), so there are two entries: theirs has `CALLS` after its name.
Named statements go through from version 1.21 on. Nothing else of ours outlives a transaction, but in the job worker
(LISTEN) and in migrations (one lock for all of them), which go to PostgreSQL itself.
"""

from collections.abc import Mapping

import asyncpg
from sqlalchemy import URL, make_url

from db.engine import TRACKED, connect, connection_settings, driver_url
from db.errors import translate
from db.executors import PLANNED_ONCE, address_options
from db.probe import CONNECT_TIMEOUT_S

CALLS = "_calls"
MOST_STATEMENTS = 1000
"""Named statements that it keeps for each connection: more than we have."""
# What is current is looked at before it is set, and only for this statement.
_OTHERWISE = """
SELECT name FROM unnest($1::text[], $2::text[]) AS wanted (name, value)
WHERE current_setting(name, true) IS DISTINCT FROM set_config(name, value, true)"""


class PoolerMisconfigured(Exception):
    """The pooler's connections are not as ours have to be; the text says which settings."""


def calls_url(url: str) -> str:
    """The address of the entry for calls that commit by themselves, beside that for units of work."""
    parsed = make_url(url)
    return parsed.set(database=f"{parsed.database}{CALLS}").render_as_string(hide_password=False)


def entries(pooler_url: str, database_url: str, statement_seconds: float | None) -> dict[str, str]:
    """The entries of `[databases]` for a pooler at the one address before a database at the other, by their names."""
    units, calls = _settings(statement_seconds)
    target = make_url(database_url)
    return {
        make_url(pooler_url).database or "": _entry(target, units),
        make_url(calls_url(pooler_url)).database or "": _entry(target, calls),
    }


async def check(pooler_url: str, statement_seconds: float | None) -> None:
    """Return if both entries set what they have to. Raises PoolerMisconfigured, and DatabaseUnavailable where nobody
    answers."""
    units, calls = _settings(statement_seconds)
    for url, settings in ((pooler_url, units), (calls_url(pooler_url), calls)):
        try:
            wrong = await _set_otherwise(url, settings)
        except asyncpg.PostgresError as error:
            raise translate(error) or PoolerMisconfigured(str(error)) from error
        if wrong:
            raise PoolerMisconfigured(f"its entry {make_url(url).database} does not set {', '.join(wrong)}")


async def _set_otherwise(url: str, settings: Mapping[str, str]) -> list[str]:
    """The names of the settings that have other values on a connection there."""
    connection = await connect(**address_options(driver_url(url)), timeout=CONNECT_TIMEOUT_S)
    try:
        rows = await connection.fetch(_OTHERWISE, list(settings), list(settings.values()))
    finally:
        await connection.close()
    return [row["name"] for row in rows]


def _settings(statement_seconds: float | None) -> tuple[dict[str, str], dict[str, str]]:
    """What it has to set, for units of work and for calls: all but what each client may say for itself."""
    both = connection_settings(statement_seconds)
    units = {name: value for name, value in both.items() if name not in TRACKED}
    return units, units | PLANNED_ONCE


def _entry(target: URL, settings: Mapping[str, str]) -> str:
    host = target.query.get("host", target.host)
    query = "; ".join(f"SET {name} = ''{value}''" for name, value in settings.items())
    return f"host={host} port={target.port or 5432} dbname={target.database} connect_query='{query}'"
