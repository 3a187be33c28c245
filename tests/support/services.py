"""A real PostgreSQL and a real Valkey for one test process, begun once, each test in a clean state."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from db import upgrade
from webapp.config import Settings, load_settings
from webapp.runtime.home import open_home
from webapp.runtime.postgres import Postgres
from webapp.runtime.valkey import Valkey

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
"""A test's database need not survive a power failure."""
KEPT = ("alembic_version", "category")
TEST_SECRET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF"


@dataclass(frozen=True)
class TestServices:
    """Where the test process's own services are."""

    __test__ = False
    settings: Settings
    superuser_url: str
    """The same PostgreSQL, as whoever may make databases."""

    @property
    def database_url(self) -> str:
        assert self.settings.database_url is not None
        return self.settings.database_url


@contextmanager
def test_services(folder: Path) -> Iterator[TestServices]:
    """Start both services in `folder`, the schema up to date; stop them in the end."""
    home = open_home(folder)
    postgres, valkey = Postgres(home, FAST), Valkey(home)
    postgres.begin()
    valkey.start()
    postgres.wait_until_ready()
    try:
        asyncio.run(upgrade.upgrade(postgres.url))
        settings = load_settings(
            data_dir=folder,
            database_url=postgres.url,
            redis_url=valkey.url,
            secret_key=TEST_SECRET,
            api_rate_limit=1_000_000,
            page_rate_limit=1_000_000,
            argon2_time_cost=1,
            argon2_memory_kib=8192,
            argon2_parallelism=1,
        )
        yield TestServices(settings, postgres.superuser_url)
    finally:
        valkey.stop()
        postgres.stop()
        home.discard()


test_services.__test__ = False  # type: ignore[attr-defined]


async def clear(database_url: str) -> None:
    """Empty every table, as a fresh installation has them: two categories and nothing else. Quicker than a new copy."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        names = [f'"{row[0]}"' for row in rows if row[0] not in KEPT]
        await connection.execute(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE")
        await connection.execute("DELETE FROM category WHERE short_name NOT IN ('thinking', 'sensing')")
    finally:
        await connection.close()
