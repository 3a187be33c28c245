"""Calls that commit by themselves: what they see, what they raise, and that they outlive their connections."""

import asyncio

import pytest
from sqlalchemy import text

from db import executors
from db.errors import Duplicate, InvalidValue
from db.executors import AutocommitExecutor
from db.models import Category
from db.session import Database, UnitOfWork
from tests.support.services import TestServices

MINE = "SELECT pg_backend_pid()"
ADD = "INSERT INTO category (name, short_name, description) VALUES ($1::text, $1::text, '') RETURNING id"


async def test_a_call_is_committed_when_it_returns(database: Database) -> None:
    [(number,)] = await database.autocommit.fetch(ADD, "birds")
    async with database.unit(read_only=True) as uow:
        assert await uow.session.get(Category, number) is not None


async def test_the_same_call_inside_a_unit_goes_with_it(database: Database) -> None:
    async with database.unit() as uow:
        assert await uow.in_session.fetch(ADD, "birds")
        uow.set_rollback_only()
    assert await database.autocommit.fetch("SELECT 1 FROM category WHERE short_name = 'birds'") == []


async def test_its_errors_are_ours(database: Database) -> None:
    await database.autocommit.fetch(ADD, "birds")
    with pytest.raises(Duplicate):
        await database.autocommit.fetch(ADD, "birds")
    with pytest.raises(InvalidValue):
        await database.autocommit.fetch("SELECT $1::text::int", "no number")


async def test_it_goes_on_after_its_connections_were_cut(database: Database, uow: UnitOfWork) -> None:
    [(mine,)] = await database.autocommit.fetch("SELECT pg_backend_pid()")
    await uow.session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": mine})
    await asyncio.sleep(0.1)  # the news of it is read by the event loop, when it comes to that
    [(other,)] = await database.autocommit.fetch("SELECT pg_backend_pid()")
    assert other != mine


async def test_a_unit_that_asks_for_nothing_opens_no_session(database: Database) -> None:
    async with database.unit() as uow:
        await uow.autocommit.fetch("SELECT 1")
        assert uow._session is None


async def test_a_call_given_up_leaves_nothing_to_the_next(database: Database) -> None:
    [(mine,)] = await database.autocommit.fetch(MINE)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await database.autocommit.fetch("SELECT pg_sleep(60)")
    [(other,)] = await database.autocommit.fetch(MINE)
    assert other != mine


async def test_one_connection_serves_calls_that_come_one_after_the_other(database: Database) -> None:
    assert len({(await database.autocommit.fetch(MINE))[0][0] for _ in range(5)}) == 1


async def test_calls_wait_where_all_connections_are_busy(services: TestServices) -> None:
    two = AutocommitExecutor(services.database_url, pool_size=2)
    rows = await asyncio.gather(*(two.fetch("SELECT pg_backend_pid() FROM pg_sleep(0.02)") for _ in range(6)))
    assert len({row[0][0] for row in rows}) == 2
    await two.close()


async def test_a_connection_that_was_idle_for_long_is_not_trusted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    [(mine,)] = await database.autocommit.fetch(MINE)
    monkeypatch.setattr(executors, "LONGEST_IDLE_S", 0.0)
    [(other,)] = await database.autocommit.fetch(MINE)
    assert other != mine
