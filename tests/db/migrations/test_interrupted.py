"""A migration that is killed, or refused a lock, leaves a site that works, and can be run again."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import asyncpg
import psycopg
import pytest
from sqlalchemy import Engine, event, make_url
from sqlalchemy.exc import PendingRollbackError

from db import upgrade
from db.errors import DatabaseUnavailable, TransientError
from tests.support.migrations import History, Schema, Site, schema_of
from tests.support.services import TestServices

KILLER = """
CREATE SCHEMA killing; GRANT USAGE ON SCHEMA killing TO PUBLIC;
CREATE SEQUENCE killing.seen; CREATE SEQUENCE killing.at;
CREATE FUNCTION killing.kill() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
  IF nextval('killing.seen') = (SELECT last_value FROM killing.at) THEN
    PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(10);
  END IF;
END $$;
CREATE EVENT TRIGGER killing ON ddl_command_end EXECUTE FUNCTION killing.kill();
"""
"""Counts the changes of the schema, also those that a script makes, and kills its own server process at one of them.
What sequences have counted is not rolled back."""
KILL_OTHERS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND usename <> user
"""


@pytest.fixture
def superuser(services: TestServices, empty_database: str) -> Iterator[psycopg.Connection]:
    """A connection to the empty database that may kill the others."""
    name = make_url(empty_database).database
    url = make_url(services.superuser_url).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


class Killer:
    """Kills the process at the server after its nth change of the schema."""

    def __init__(self, superuser: psycopg.Connection) -> None:
        self._superuser = superuser
        superuser.execute(KILLER)

    @contextmanager
    def at(self, nth: int) -> Iterator[None]:
        self._superuser.execute("SELECT setval('killing.seen', 1, false), setval('killing.at', %s)", (nth,))
        yield


class Cutter:
    """Kills the process at the server before the nth statement that we send to it."""

    def __init__(self, superuser: psycopg.Connection) -> None:
        self._superuser = superuser

    @contextmanager
    def at(self, nth: int) -> Iterator[None]:
        n_seen = 0

        def count(*_: Any) -> None:
            nonlocal n_seen
            n_seen += 1
            if n_seen == nth:
                self._superuser.execute(KILL_OTHERS)

        event.listen(Engine, "before_cursor_execute", count)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", count)


@pytest.mark.parametrize("how", [Killer, Cutter])
@pytest.mark.parametrize("stride", [47, pytest.param(1, marks=pytest.mark.slow)])
async def test_a_migration_that_is_killed_is_run_again(
    how: type[Killer | Cutter],
    stride: int,
    longer: History,
    longer_schema: Schema,
    empty_database: str,
    superuser: psycopg.Connection,
    site: Site,
) -> None:
    """Each time at a later statement, on what the times before have left, until it runs to its end.

    At every one but in the first revision, which has hundreds of which none is committed before the last.
    """
    killer = how(superuser)
    n_killed = 0
    for script in longer.revisions():
        nth = 1
        while not await survives(empty_database, script.revision, longer, killer.at(nth)):
            n_killed += 1
            nth += stride if script.down_revision is None else 1
    assert n_killed > 50 / stride
    assert await schema_of(empty_database) == longer_schema
    await site.begin()
    await site.learn()
    await site.serve()


async def survives(url: str, revision: str, history: History, danger: AbstractContextManager[None]) -> bool:
    with danger:
        try:
            await upgrade.upgrade(url, revision, versions=history.versions)
        except (DatabaseUnavailable, PendingRollbackError):
            return False
        return True


async def test_a_refused_lock_leaves_a_site_that_works(
    longer: History,
    longer_schema: Schema,
    empty_database: str,
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who reads for long is in the way of whatever changes the table: the code of before goes on meanwhile."""
    monkeypatch.setattr(upgrade, "LOCK_TIMEOUT", "300ms")
    former, newest = [script.revision for script in longer.revisions()][-3:-1]
    await upgrade.upgrade(empty_database, former, versions=longer.versions)
    before = await schema_of(empty_database)
    await site.begin()
    await site.learn()
    other = await asyncpg.connect(empty_database)
    holding = other.transaction()
    await holding.start()
    await other.fetch("SELECT 1 FROM task")

    with pytest.raises(TransientError):
        await upgrade.upgrade(empty_database, newest, versions=longer.versions)
    assert await schema_of(empty_database) == before
    await site.serve()
    await holding.rollback()
    await other.close()

    await upgrade.upgrade(empty_database, newest, versions=longer.versions)
    await site.serve()
    await upgrade.upgrade(empty_database, versions=longer.versions)
    assert await schema_of(empty_database) == longer_schema
