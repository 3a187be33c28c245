"""The unit of work: all or nothing, effects only after the commit, and a pool that outlives its connections."""

import asyncio
import logging
from collections.abc import Set
from functools import partial

import asyncpg
import pytest
from sqlalchemy import func, select, text, update

from db.errors import DatabaseUnavailable, TransientError
from db.models import Category
from db.queries.importing import task_staging
from db.session import Database, UnitOfWork
from tests.factories import make_category
from tests.support.services import TestServices
from webapp.config import Settings


async def n_categories(database: Database) -> int:
    async with database.unit(read_only=True) as uow:
        return (await uow.session.scalars(select(func.count()).select_from(Category))).one()


async def test_a_clean_end_commits_and_then_runs_the_effects_in_order(database: Database) -> None:
    seen: list[int] = []

    async def count() -> None:
        seen.append(await n_categories(database))

    async with database.unit() as uow:
        uow.after_commit(count)
        await make_category(uow.session)
        uow.after_commit(count)
        assert seen == []

    assert seen == [3, 3], "the two of every site and the new one"


async def test_a_commit_tells_which_tables_were_written(settings: Settings, clean: None) -> None:
    told: list[Set[str]] = []
    database = Database(settings.database_url or "", after_writing=told.append)
    try:
        async with database.unit() as uow:
            category = await make_category(uow.session)
        async with database.unit() as uow:
            await uow.session.execute(update(Category).where(Category.id == category.id).values(name="Changed"))
            await uow.session.execute(text("WITH gone AS (DELETE FROM webhook RETURNING id) SELECT count(*) FROM gone"))
        async with database.unit() as uow:
            await uow.session.get(Category, category.id)
        async with database.unit() as uow:
            await make_category(uow.session)
            uow.set_rollback_only()
        async with database.unit(read_only=True) as uow:
            await uow.session.get(Category, category.id)
    finally:
        await database.close()
    assert told == [{"category"}, {"category", "webhook"}]


async def test_a_raise_rolls_back_and_runs_no_effect(database: Database) -> None:
    async def fail() -> None:
        async with database.unit() as uow:
            uow.after_commit(effect_that_must_not_run)
            await make_category(uow.session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert await n_categories(database) == 2


async def test_a_doomed_unit_rolls_back_and_runs_no_effect(database: Database) -> None:
    async with database.unit() as uow:
        uow.after_commit(effect_that_must_not_run)
        await make_category(uow.session)
        uow.set_rollback_only()

    assert await n_categories(database) == 2


async def test_what_was_done_outside_is_undone_with_the_rest(database: Database) -> None:
    undone: list[str] = []

    async def note(what: str) -> None:
        undone.append(what)

    async def fail() -> None:
        async with database.unit() as uow:
            uow.after_rollback(partial(note, "raised"))
            raise ZeroDivisionError

    async with database.unit() as uow:
        uow.after_rollback(effect_that_must_not_run)
    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.unit() as uow:
        uow.after_rollback(partial(note, "rollback_only"))
        uow.set_rollback_only()

    assert undone == ["raised", "rollback_only"]


async def effect_that_must_not_run() -> None:
    raise AssertionError("the unit was rolled back")


async def test_a_cancelled_unit_rolls_back_and_gives_its_connection_back(database: Database) -> None:
    begun = asyncio.Event()

    async def unit() -> None:
        async with database.unit() as uow:
            await make_category(uow.session)
            begun.set()
            await uow.session.execute(text("SELECT pg_sleep(60)"))

    task = asyncio.create_task(unit())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await n_categories(database) == 2
    assert database.engine.pool.status().count("Current Checked out connections: 0") == 1


async def test_an_effect_that_fails_is_logged_and_stops_no_other(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    done = []

    async def fail() -> None:
        raise OSError("the mail server is away")

    async def succeed() -> None:
        done.append(True)

    with caplog.at_level(logging.ERROR):
        async with database.unit() as uow:
            uow.after_commit(fail)
            uow.after_commit(succeed)

    assert done == [True]
    assert "the mail server is away" in caplog.text


async def test_reading_units_cannot_write_and_leave_no_trace_on_writing_ones(database: Database) -> None:
    with pytest.raises(Exception, match="read-only transaction"):
        async with database.unit(read_only=True) as uow:
            await make_category(uow.session)

    async with database.unit() as uow:
        await make_category(uow.session)
    assert await n_categories(database) == 3


async def test_a_unit_without_statements_needs_no_database() -> None:
    nowhere = Database("postgresql://nobody:x@127.0.0.1:1/nothing")
    ran = []

    async def effect() -> None:
        ran.append(True)

    async with nowhere.unit() as uow:
        uow.after_commit(effect)

    assert ran == [True]
    with pytest.raises(DatabaseUnavailable):
        await n_categories(nowhere)


async def test_connections_lost_while_idle_are_replaced_unnoticed(database: Database, services: TestServices) -> None:
    await asyncio.gather(*(sleepy(database) for _ in range(4)))
    await terminate_connections(services)
    # The driver reads the end of each connection from its socket.
    await asyncio.sleep(0.2)

    assert await asyncio.gather(*(n_categories(database) for _ in range(4))) == [2, 2, 2, 2]


async def test_a_connection_lost_in_the_middle_is_told_as_away(database: Database, services: TestServices) -> None:
    async def lose() -> None:
        async with database.unit() as uow:
            await uow.session.execute(select(1))
            await terminate_connections(services)
            await uow.session.execute(select(1))

    with pytest.raises(DatabaseUnavailable):
        await lose()

    assert await n_categories(database) == 2


async def test_a_copy_on_a_connection_that_is_lost_is_told_as_away(database: Database, services: TestServices) -> None:
    async def lose() -> None:
        async with database.unit() as uow:
            await task_staging.begin(uow.session)
            await terminate_connections(services)
            await asyncio.sleep(0.2)
            await task_staging.stage(uow.session, [(1, "{}", 1, 0.0, 0, 0)])

    with pytest.raises(DatabaseUnavailable):
        await lose()


async def test_an_error_of_the_system_is_not_the_database_s(database: Database) -> None:
    async def read_nothing() -> None:
        async with database.unit() as uow:
            await uow.session.execute(select(1))
            raise FileNotFoundError("nothing")

    with pytest.raises(FileNotFoundError):
        await read_nothing()


async def sleepy(database: Database) -> None:
    """Keep a connection long enough for others to need their own."""
    async with database.unit() as uow:
        await uow.session.execute(text("SELECT pg_sleep(0.1)"))


async def terminate_connections(services: TestServices) -> None:
    administrator = await asyncpg.connect(services.superuser_url)
    await administrator.execute("""
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'workbee'
    """)
    await administrator.close()


async def test_whoever_waits_too_long_for_a_lock_is_told_that_it_is_busy(database: Database) -> None:
    async with database.unit() as first, database.unit() as second:
        await lock_a_category(first)
        await second.session.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(TransientError):
            await lock_a_category(second)
        second.set_rollback_only()


async def test_a_deadlock_leaves_one_of_two_busy(database: Database) -> None:
    barrier = asyncio.Barrier(2)

    async def lock_in_order(*keys: int) -> str:
        try:
            async with database.unit() as uow:
                await uow.session.execute(text(f"SELECT pg_advisory_xact_lock({keys[0]})"))
                await barrier.wait()
                await uow.session.execute(text(f"SELECT pg_advisory_xact_lock({keys[1]})"))
        except TransientError:
            return "busy"
        return "done"

    assert sorted(await asyncio.gather(lock_in_order(1, 2), lock_in_order(2, 1))) == ["busy", "done"]


async def lock_a_category(uow: UnitOfWork) -> None:
    await uow.session.execute(text("SELECT id FROM category WHERE short_name = 'thinking' FOR UPDATE"))


async def test_connections_have_our_settings(uow: UnitOfWork) -> None:
    names = ("jit", "plan_cache_mode", "timezone", "lock_timeout")
    rows = [(await uow.session.execute(text(f"SHOW {name}"))).scalar_one() for name in names]

    assert rows == ["off", "force_custom_plan", "UTC", "10s"]
