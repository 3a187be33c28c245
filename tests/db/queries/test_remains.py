"""What answered leases leave in the indexes until the next cleanup is in no draw's way."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest
from sqlalchemy import text

from db.orders import BY_ID, ORDERS, IndexedOrder
from db.queries.assignment import deadlines
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.costs import blocks_read
from tests.support.processes import until
from tests.support.services import TestServices

[BREADTH_FIRST] = (order for order in ORDERS if order.name == "breadth")
DRAW = """workbee_draw({project}, '{who}', '{order.name}', '{order.sort}', false, true, 1, 0, 3600,
                       (SELECT version FROM project WHERE id = {project}))"""

TRANSACTIONS = """
SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL)"""


@pytest.fixture
async def unclean(database: Database) -> AsyncIterator[None]:
    """Nothing is cleaned up by itself."""
    for table in ("task_slots", "assignment"):
        await database.autocommit.fetch(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    yield
    for table in ("task_slots", "assignment"):
        await database.autocommit.fetch(f"ALTER TABLE {table} RESET (autovacuum_enabled)")


def nobody_sees_the_past(services: TestServices) -> bool:
    """Whether no transaction is left to which what is dead by now may still be alive, were it the server's own that
    gathers statistics."""
    return services.sweeper.execute(TRANSACTIONS).fetchone() is None


async def a_project(database: Database, n_tasks: int, n_answers: int = 2) -> int:
    async with database.unit() as uow:
        project = (await make_project(uow.session, await make_user(uow.session))).id
    await database.autocommit.fetch(
        "INSERT INTO task (project_id, n_answers) SELECT $1::bigint, $2::int FROM generate_series(1, $3::int)",
        project,
        n_answers,
        n_tasks,
    )
    return project


async def drawn(database: Database, project: int, who: str) -> int | None:
    call = DRAW.format(project=project, who=who, order=BY_ID)
    rows = await database.autocommit.fetch(f"SELECT id FROM {call}")
    return rows[0][0] if rows else None


async def blocks_of_a_draw(database: Database, project: int, order: IndexedOrder) -> int:
    """How many blocks of 8 kB the third of three draws looks at: the catalogue is known then, and what is dead."""
    for who in ("anon:1", "anon:2", "anon:3"):
        blocks = await blocks_read(database, DRAW.format(project=project, who=who, order=order))
        await database.autocommit.fetch("UPDATE task_slots SET n_leased = 0 WHERE n_leased > 0")
        await database.autocommit.fetch("DELETE FROM assignment WHERE contributor = $1::text", who)
    return blocks


async def test_passed_deadlines_of_answered_leases_are_passed_over(database: Database, unclean: None) -> None:
    project = await a_project(database, 20_000)
    at_first = await blocks_of_a_draw(database, project, BY_ID)
    # By one volunteer; `reserved`, of which one may have more than one.
    await database.autocommit.fetch(
        """INSERT INTO assignment (task_id, project_id, contributor, state, deadline)
           SELECT id, project_id, 'anon:ann', 'reserved', now() - id % 3600 * interval '1 s' - interval '2 min'
           FROM task"""
    )
    await database.autocommit.fetch("UPDATE assignment SET state = 'counted', deadline = NULL")
    assert await blocks_of_a_draw(database, project, BY_ID) > at_first + 50
    await deadlines.remember_none_due(database.autocommit, project)
    assert await blocks_of_a_draw(database, project, BY_ID) < at_first + 20


async def test_a_cleanup_clears_the_front_though_few_pages_have_changed(
    services: TestServices, database: Database, unclean: None
) -> None:
    """Fewer than one in fifty are not worth PostgreSQL's trouble, unless it is told."""
    project = await a_project(database, 200_000)
    await database.autocommit.fetch("VACUUM task_slots")
    at_first = await blocks_of_a_draw(database, project, BREADTH_FIRST)
    await database.autocommit.fetch(
        "UPDATE task_slots SET n_counted = 1, n_runs = 1, breadth = 1 WHERE task_id < (SELECT min(id) + 3900 FROM task)"
    )
    assert await blocks_of_a_draw(database, project, BREADTH_FIRST) > at_first + 15
    for _ in range(20):
        assert await asyncio.to_thread(until, partial(nobody_sees_the_past, services))
        # The counters too, which the update has written 3,900 times: a table of one row is read from end to end.
        await database.autocommit.fetch("VACUUM task_slots, project_counter")
        if (blocks := await blocks_of_a_draw(database, project, BREADTH_FIRST)) < at_first + 15:
            break
    assert blocks < at_first + 15


async def test_what_becomes_due_later_is_taken_back_at_the_next_draw(database: Database) -> None:
    project = await a_project(database, 3, n_answers=1)
    held = await drawn(database, project, "anon:ann")
    await deadlines.remember_none_due(database.autocommit, project)
    assert await drawn(database, project, "anon:ben") != held
    await database.autocommit.fetch("UPDATE assignment SET deadline = now() WHERE contributor = 'anon:ann'")
    assert await drawn(database, project, "anon:cem") == held


async def test_what_is_due_is_not_passed_over(database: Database) -> None:
    project = await a_project(database, 3, n_answers=1)
    held = await drawn(database, project, "anon:ann")
    await database.autocommit.fetch("UPDATE assignment SET deadline = now() - interval '20 min'")
    await deadlines.remember_none_due(database.autocommit, project)
    assert await drawn(database, project, "anon:ben") == held


async def test_nothing_is_left_is_said_after_a_look_from_the_beginning_of_time(database: Database) -> None:
    """As after a clock that was set back: deadlines come before what was remembered."""
    project = await a_project(database, 1, n_answers=1)
    await deadlines.remember_none_due(database.autocommit, project)
    held = await drawn(database, project, "anon:ann")
    await database.autocommit.fetch("UPDATE assignment SET deadline = now() - interval '20 min'")
    assert await drawn(database, project, "anon:ben") == held


async def test_a_project_that_somebody_is_changing_is_not_waited_for(database: Database) -> None:
    project = await a_project(database, 1)
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE project_counter SET list_generation = list_generation + 1"))
        async with asyncio.timeout(10):
            await deadlines.remember_none_due(database.autocommit, project)
    [(remembered,)] = await database.autocommit.fetch("SELECT deadline_watermark FROM project_counter WHERE shard = 0")
    assert remembered is None
