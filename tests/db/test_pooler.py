"""What a pooler's connections have to be told is what ours are told without one."""

from collections.abc import Iterator

import asyncpg
import psycopg
import pytest
from sqlalchemy import make_url

from db.pooler import PoolerMisconfigured, check, entries
from db.session import Database
from tests.support.services import TestServices

POOLER = "postgresql://workbee:secret@pooler:6432/site"
SETTINGS = "SELECT name, setting FROM pg_settings WHERE source IN ('client', 'session')"


@pytest.fixture
def superuser(services: TestServices) -> Iterator[psycopg.Connection]:
    with psycopg.connect(services.superuser_url, autocommit=True) as connection:
        yield connection


def connect_query(entry: str) -> str:
    return entry.split("connect_query='")[1].removesuffix("'").replace("''", "'")


def test_an_entry_says_where_the_database_is() -> None:
    found = entries(POOLER, "postgresql://workbee:secret@db.example.org/workbee", 20)
    assert list(found) == ["site", "site_calls"]
    assert all(
        entry.startswith("host=db.example.org port=5432 dbname=workbee connect_query=") for entry in found.values()
    )
    assert "secret" not in "".join(found.values())


async def test_both_entries_set_what_a_connection_of_ours_has(services: TestServices) -> None:
    direct = Database(services.database_url, statement_seconds=20)
    tracked = ("application_name", "TimeZone", "client_encoding")
    units, calls = entries(POOLER, services.database_url, 20).values()
    try:
        async with direct.unit(read_only=True) as uow:
            connection = await uow.session.connection()
            raw = (await connection.get_raw_connection()).driver_connection
            assert raw is not None
            of_units = {row["name"]: row["setting"] for row in await raw.fetch(SETTINGS)}
        of_calls = {row["name"]: row["setting"] for row in await direct.autocommit.fetch(SETTINGS)}
    finally:
        await direct.close()
    assert of_units.items() != of_calls.items()
    for entry, expected in ((units, of_units), (calls, of_calls)):
        bare = await asyncpg.connect(services.database_url)
        try:
            await bare.execute(connect_query(entry))
            found = {row["name"]: row["setting"] for row in await bare.fetch(SETTINGS)}
        finally:
            await bare.close()
        ours = {name: value for name, value in expected.items() if name not in tracked}
        assert {name: value for name, value in found.items() if name not in tracked} == ours


async def test_a_pooler_that_sets_too_little_is_found_out(
    services: TestServices, superuser: psycopg.Connection
) -> None:
    """Two databases stand for the entries: what they set for each session, `connect_query` would set."""
    wanted = {
        name: connect_query(entry)
        for name, entry in entries(POOLER.replace("/site", "/pooled"), services.database_url, 20).items()
    }
    url = make_url(services.database_url).set(database="pooled").render_as_string(hide_password=False)
    for name, query in wanted.items():
        superuser.execute(f"CREATE DATABASE {name} OWNER workbee")
        for setting in query.split("; "):
            superuser.execute(f"ALTER DATABASE {name} {setting}")
    try:
        await check(url, 20)
        superuser.execute("ALTER DATABASE pooled_calls RESET enable_sort")
        with pytest.raises(PoolerMisconfigured, match=r"pooled_calls does not set enable_sort$"):
            await check(url, 20)
        superuser.execute("ALTER DATABASE pooled SET statement_timeout = '21s'")
        with pytest.raises(PoolerMisconfigured, match=r"pooled does not set statement_timeout$"):
            await check(url, 20)
        superuser.execute("DROP DATABASE pooled_calls")
        superuser.execute("ALTER DATABASE pooled SET statement_timeout = '20s'")
        with pytest.raises(PoolerMisconfigured, match="pooled_calls"):
            await check(url, 20)
    finally:
        for name in wanted:
            superuser.execute(f"DROP DATABASE IF EXISTS {name}")
