"""A real PostgreSQL and a real Valkey for one test process, begun once, each test in a clean state."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from db import upgrade
from tests.support.blocks import PRELOADED
from webapp.config import Settings, load_settings
from webapp.runtime.embedded.data_directory import open_data_directory
from webapp.runtime.embedded.postgres import DATABASE, SUPERUSER, Postgres
from webapp.runtime.embedded.valkey import Valkey

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"} | PRELOADED
"""A test's database need not survive a power failure; what its statements look at can be counted."""
KEEP_FRESH = "CREATE SCHEMA fresh; CREATE TABLE fresh.category AS TABLE category"
CLEAR = """
DO $$ DECLARE one record; BEGIN
  PERFORM set_config('session_replication_role', 'replica', true);
  FOR one IN
    SELECT oid::regclass AS name, pg_relation_size(oid) AS size FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
      AND relname NOT IN ('alembic_version', 'job_queue_migration')
  LOOP
    IF one.size > 65536 THEN
      EXECUTE format('TRUNCATE %s CASCADE', one.name);
    ELSIF one.size > 0 THEN
      EXECUTE format('DELETE FROM %s', one.name);
    END IF;
  END LOOP;
  INSERT INTO category TABLE fresh.category;
  PERFORM setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences
  WHERE schemaname = 'public' AND last_value IS NOT NULL AND sequencename <> 'category_id_seq';
END $$
"""
"""A few rows are deleted, without triggers; a table that has grown is made anew, which takes longer."""
TEST_SECRET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEF"


@dataclass(frozen=True)
class TestServices:
    """Where the test process's own services are."""

    __test__ = False
    settings: Settings
    superuser_url: str
    """The same PostgreSQL, as whoever may make databases."""
    sweeper: psycopg.Connection
    """To Workbee's database, as superuser."""

    @property
    def database_url(self) -> str:
        assert self.settings.database_url is not None
        return self.settings.database_url

    def clear(self) -> None:
        """Empty every table, as a fresh installation has them: two categories and nothing else."""
        self.sweeper.execute(CLEAR)


@contextmanager
def test_services(folder: Path) -> Iterator[TestServices]:
    """Start both services in `folder`, the schema up to date; stop them in the end."""
    directory = open_data_directory(folder)
    postgres, valkey = Postgres(directory, FAST), Valkey(directory)
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
        address = postgres.superuser_url.replace(f"/{SUPERUSER}?", f"/{DATABASE}?")
        with psycopg.connect(address, autocommit=True) as sweeper:
            sweeper.execute(KEEP_FRESH)
            yield TestServices(settings, postgres.superuser_url, sweeper)
    finally:
        valkey.stop()
        postgres.stop()
        directory.discard()


test_services.__test__ = False  # type: ignore[attr-defined]
