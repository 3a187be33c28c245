"""Calls that come at the same time go together, and none of them is worse off for it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from db.batching import MOST
from db.calls import function, reading
from db.errors import DatabaseUnavailable, InvalidValue
from db.executors import AutocommitExecutor
from db.session import Database
from tests.support.services import TestServices


@dataclass(frozen=True, slots=True)
class Note:
    value: int
    told: str


NOTE = function("note", Note, sorted_by="value")
DEFINITION = """
CREATE TABLE noted (value bigint, told text);
CREATE FUNCTION note(p_value bigint, p_told text, p_single boolean DEFAULT true)
RETURNS TABLE (value bigint, alone boolean, transaction xid8) LANGUAGE plpgsql AS $$
BEGIN
  IF p_told = 'by myself' AND NOT p_single THEN
    RETURN NEXT;
    RETURN;
  ELSIF p_told = 'the end' THEN
    PERFORM pg_terminate_backend(pg_backend_pid());
  END IF;
  INSERT INTO noted VALUES (p_value, p_told);
  PERFORM pg_sleep(0.3) WHERE p_told = 'slow';
  IF p_told ~ '^[0-9]+$' THEN
    PERFORM pg_advisory_xact_lock(p_told::int);
  END IF;
  RETURN QUERY SELECT 100 / p_value, p_single, pg_current_xact_id()
    FROM generate_series(1, CASE p_value WHEN 5 THEN 2 ELSE 1 END);
END $$
"""


@pytest.fixture(autouse=True)
async def _defined(database: Database) -> AsyncIterator[None]:
    """A function that writes its values down. Told a number, it takes the lock of that number."""
    for statement in DEFINITION.split(";\n", 1):
        await database.autocommit.fetch(statement)
    yield
    await database.autocommit.fetch("DROP FUNCTION note")
    await database.autocommit.fetch("DROP TABLE noted")


async def note(database: Database, value: Any, told: str = "", group: object = "one") -> list[Any]:
    return [tuple(row) for row in await database.autocommit.call(NOTE, value, told, group=group)]


async def noted(database: Database) -> list[int]:
    return [row[0] for row in await database.autocommit.fetch("SELECT value FROM noted ORDER BY value")]


class Locked:
    """Somebody else's transaction, which has the lock of this number."""

    def __init__(self, database: Database, number: int) -> None:
        self._unit = database.unit()
        self._number = number

    async def __aenter__(self) -> None:
        uow = await self._unit.__aenter__()
        await uow.in_session.fetch("SELECT pg_advisory_xact_lock($1::bigint)", self._number)

    async def __aexit__(self, *error: Any) -> None:
        await self._unit.__aexit__(*error)


async def test_calls_at_once_are_one_transaction_and_each_has_its_own_rows(database: Database) -> None:
    made = await asyncio.gather(*(note(database, value) for value in (5, 1, 2)))
    assert [[row[0] for row in rows] for rows in made] == [[20, 20], [100], [50]]
    assert {row[1] for rows in made for row in rows} == {False}
    assert len({row[2] for rows in made for row in rows}) == 1


async def test_who_is_alone_waits_for_nobody(database: Database) -> None:
    [(value, alone, _)] = await asyncio.wait_for(note(database, 1), 5)
    assert (value, alone) == (100, False)


async def test_a_call_without_a_group_goes_with_nobody(database: Database) -> None:
    made = await asyncio.gather(*(note(database, 1, group=None) for _ in range(3)))
    assert len({rows[0][2] for rows in made}) == 3


async def test_those_who_come_while_a_batch_is_under_way_make_up_the_next(database: Database) -> None:
    first = asyncio.create_task(note(database, 1, "slow"))
    await asyncio.sleep(0.03)
    later = [asyncio.create_task(note(database, 1)) for _ in range(3)]
    assert await asyncio.wait_for(note(database, 1, group="other"), 5)
    assert not first.done() and not any(task.done() for task in later)
    await first
    assert len({(await task)[0][2] for task in later}) == 1


async def test_a_batch_has_an_end(database: Database) -> None:
    made = await asyncio.gather(*(note(database, 1) for _ in range(2 * MOST)))
    assert len({rows[0][2] for rows in made}) == 2


async def test_only_the_one_that_is_refused_hears_of_it(database: Database) -> None:
    made = await asyncio.gather(*(note(database, value) for value in (2, 0, 4)), return_exceptions=True)
    assert isinstance(made[1], InvalidValue)
    assert await noted(database) == [2, 4]


@pytest.mark.parametrize("value", ["no number", 2**80])
async def test_only_the_one_whose_value_is_none_hears_of_it(database: Database, value: Any) -> None:
    made = await asyncio.gather(*(note(database, given) for given in (2, value, 4)), return_exceptions=True)
    assert isinstance(made[1], InvalidValue)
    assert await noted(database) == [2, 4]


async def test_who_asks_to_be_alone_is_made_again_by_itself(database: Database) -> None:
    together, [(_, alone, _)], other = await asyncio.gather(
        note(database, 2), note(database, 1, "by myself"), note(database, 3)
    )
    assert alone and not together[0][1] and not other[0][1]
    assert await noted(database) == [1, 2, 3]


async def test_one_who_waits_for_somebody_else_holds_up_nobody_who_comes_after(database: Database) -> None:
    async with Locked(database, 7):
        stuck = asyncio.create_task(note(database, 1, "7"))
        await asyncio.sleep(0.03)
        assert await asyncio.wait_for(note(database, 2), 5)
        assert not stuck.done()
    [(_, alone, _)] = await stuck
    assert alone


async def test_a_lock_of_somebody_else_holds_up_only_the_one_that_wants_it(database: Database) -> None:
    async with Locked(database, 7):
        stuck = asyncio.create_task(note(database, 1, "7"))
        await asyncio.wait_for(asyncio.gather(note(database, 2), note(database, 3)), 5)
        assert not stuck.done()
    assert await stuck
    assert await noted(database) == [1, 2, 3]


async def test_if_the_connection_is_lost_none_is_made_again(database: Database) -> None:
    """Nobody knows what was kept: an answer made twice would be refused as a second one."""
    made = await asyncio.gather(*(note(database, 1, told) for told in ("", "the end")), return_exceptions=True)
    assert [type(error) for error in made] == [DatabaseUnavailable, DatabaseUnavailable]
    assert await noted(database) == []
    assert await note(database, 1)


async def test_a_call_given_up_before_its_turn_is_never_made(database: Database) -> None:
    first = asyncio.create_task(note(database, 1, "slow"))
    await asyncio.sleep(0.03)
    waiting = asyncio.create_task(note(database, 2))
    await asyncio.sleep(0.03)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert not first.done()
    await first
    assert await note(database, 3)
    assert await noted(database) == [1, 3]


async def test_a_call_given_up_while_it_is_made_takes_nobody_with_it(database: Database) -> None:
    async with Locked(database, 7):
        given_up, kept = (asyncio.create_task(note(database, value, "7")) for value in (1, 2))
        await asyncio.sleep(0.03)
        given_up.cancel()
        await asyncio.sleep(0.2)
    assert await kept
    assert 2 in await noted(database)


async def test_who_still_waits_at_the_end_is_told(database: Database, services: TestServices) -> None:
    ours = AutocommitExecutor(services.database_url)
    async with Locked(database, 7):
        calls = [asyncio.create_task(ours.call(NOTE, 1, "7", group="one")) for _ in range(3)]
        await asyncio.sleep(0.05)
        late = asyncio.create_task(ours.call(NOTE, 1, "", group="one"))
        await asyncio.sleep(0.03)
        await asyncio.wait_for(ours.close(), 5)
        done, _ = await asyncio.wait([*calls, late], timeout=5)
    assert len(done) == 4 and all(task.cancelled() for task in done)


async def test_readings_at_once_are_one_too(database: Database) -> None:
    series = reading("SELECT n, pg_backend_pid() FROM generate_series(1, $1) n ORDER BY n DESC LIMIT $2", "int", "int")
    made = await asyncio.gather(*(database.autocommit.call(series, n, 2, group="one") for n in (3, 0, 1)))
    assert [[row[0] for row in rows] for rows in made] == [[3, 2], [], [1]]
    assert len({row[1] for rows in made for row in rows}) == 1
    assert [row[0] for row in await database.autocommit.call(series, 3, 2, group=None)] == [3, 2]


async def test_a_reading_may_find_a_null(database: Database) -> None:
    nothing = reading("SELECT nullif($1, 'x'), pg_backend_pid()", "text")
    made = await asyncio.gather(*(database.autocommit.call(nothing, word, group="one") for word in ("x", "y")))
    assert [rows[0][0] for rows in made] == [None, "y"]
    assert len({rows[0][1] for rows in made}) == 1


async def test_inside_a_unit_a_call_goes_with_the_unit(database: Database) -> None:
    async with database.unit() as uow:
        [(_, alone, _)] = await uow.in_session.call(NOTE, 1, "", group="one")
        assert alone
        uow.set_rollback_only()
    assert await noted(database) == []
