"""What follows from the table of orders does, and functions are called as they are declared."""

import runpy
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from db import orders
from db.calls import DatabaseFunction, function
from db.functions import FOLDER, ordered
from db.models import Project
from db.orders import BREADTH, ORDERS, IndexedOrder, SortKey
from db.queries.assignment import drawing, leasing, submitting
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.services import TestServices

FUNCTIONS: dict[str, DatabaseFunction[Any]] = {
    "workbee_draw": drawing._DRAW,
    "workbee_lease": leasing._LEASE,
    "workbee_reserve": leasing._RESERVE,
    "workbee_submit": submitting._SUBMIT,
}
ARGUMENTS = """SELECT proargnames[1:pronargs] AS names,
  ARRAY(SELECT format_type(kind, NULL) FROM unnest(proargtypes) kind) AS types FROM pg_proc WHERE proname = $1"""

NEWEST_FIRST = SortKey("created", "timestamptz", "'-Infinity'", descending=True)
DESCENDING = (
    IndexedOrder("descending", (NEWEST_FIRST,), new_tasks="first"),
    IndexedOrder("breadth_descending", (BREADTH, NEWEST_FIRST), new_tasks="first"),
)
"""Orders that there are not, by a moment that descends, beside one by the same moment that ascends."""
VERSION = "(SELECT version FROM project WHERE id = $1)"
ADD = "INSERT INTO task (project_id, n_answers, created) VALUES ($1, 2, now() - $2 * interval '1 microsecond')"
DRAW = f"SELECT id FROM workbee_draw($1, 'me', 'descending', 's.created DESC', false, true, 1, 0, 3600, {VERSION})"
SUBMIT = f"""SELECT FROM workbee_submit($1, $2, 'me', NULL, '10.0.0.1', NULL, NULL, NULL, NULL, '1', NULL, false,
                                       {VERSION})"""
UNANSWERED = """
SELECT id FROM task WHERE id NOT IN (SELECT task_id FROM task_run) ORDER BY created DESC, id LIMIT 1"""
CURSOR = "SELECT cursor_order, cursor_task_id > 0 FROM contributor_progress"


def test_the_functions_are_as_the_table_of_orders_writes_them() -> None:
    """After a change of `db/orders.py`: python -m db.functions.ordered."""
    for name, text in ordered.rendered().items():
        assert (FOLDER / f"{name}.sql").read_text() == text, name


def test_every_line_of_sql_can_be_read() -> None:
    too_long = [
        f"{path.name}:{number}"
        for path in FOLDER.glob("*.sql")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 120
    ]
    assert too_long == []


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order.name)
def test_a_draw_finds_its_index(order: Any) -> None:
    keys = [key for key in order.keys if not key.moves]
    column, descending = (keys[0].column, keys[0].descending) if keys else ("id", False)
    found = drawing.ordering(column, descending=descending, fewest_runs_first=order.moves)
    assert (found.order, found.sort) == (order.name, order.sort)


def test_other_orders_are_sorted() -> None:
    assert drawing.ordering("priority_0", descending=False).order is None
    assert drawing.ordering("id", descending=True) == drawing.Ordering(None, "s.task_id DESC")


@pytest.fixture
async def descending(
    services: TestServices, database: Database, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """A transaction, never committed, in which there are these orders too: their indexes and the functions."""
    monkeypatch.setattr(orders, "ORDERS", (*ORDERS, *DESCENDING))
    functions = runpy.run_path(ordered.__file__)["rendered"]()
    assert [line for text in functions.values() for line in text.splitlines() if len(line) > 120] == []
    connection = await asyncpg.connect(services.database_url)
    transaction = connection.transaction()
    await transaction.start()
    for order in DESCENDING:
        columns = ", ".join(order.index_columns())
        await connection.execute(f"CREATE INDEX {order.index_name} ON task_slots ({columns}) WHERE is_open")
    await connection.execute("".join(functions.values()))
    yield connection
    await transaction.rollback()
    await connection.close()


async def test_a_moment_can_descend(database: Database, descending: "asyncpg.Connection[Any]") -> None:
    async with database.unit() as uow:
        project = (await make_project(uow.session, await make_user(uow.session))).id
    await descending.executemany(ADD, [(project, age) for age in (5, 0, 7, 7, 3, 9, 10**12, 8, 2, 6, 4, 9)])
    for number in range(14):
        if number == 10:
            assert [tuple(row) for row in await descending.fetch(CURSOR)] == [("descending", True)]
            await descending.executemany(ADD, [(project, -1), (project, 9)])
        task = await descending.fetchval(DRAW, project)
        assert task == await descending.fetchval(UNANSWERED), number
        await descending.execute(SUBMIT, project, task)
    assert await descending.fetchval(DRAW, project) is None


@pytest.mark.parametrize("order", DESCENDING, ids=lambda order: order.name)
async def test_a_moment_that_descends_is_read_by_its_index(
    descending: "asyncpg.Connection[Any]", order: IndexedOrder
) -> None:
    await descending.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    rows = await descending.fetch(
        f"EXPLAIN SELECT FROM task_slots s WHERE is_open ORDER BY {ordered.place(order, 's')} LIMIT 1"
    )
    plan = "\n".join(row[0] for row in rows)
    assert order.index_name in plan and "Sort" not in plan


@pytest.mark.parametrize("name", FUNCTIONS)
async def test_a_function_takes_what_its_dataclass_has(database: Database, name: str) -> None:
    called = FUNCTIONS[name]
    [(names, types)] = await database.autocommit.fetch(ARGUMENTS, name)
    declared = dict(zip(names, types, strict=True))
    assert declared.pop("p_single") == "boolean"
    assert set(declared) == {f"p_{field}" for field in called.names}
    for field, kind in declared.items():
        assert f"{field} => ${called.names.index(field.removeprefix('p_')) + 1}::" in called.alone
        assert f"::{kind}" in called.alone.partition(f"{field} => ")[2].split(", p_")[0]


def test_a_field_of_a_type_that_the_database_does_not_have_is_told_at_import() -> None:
    @dataclass(frozen=True, slots=True)
    class Odd:
        when: complex

    with pytest.raises(KeyError):
        function("odd", Odd)


async def test_every_change_of_a_project_makes_another_version(database: Database) -> None:
    async with database.unit() as uow:
        project = await make_project(uow.session, await make_user(uow.session))
    versions = []
    for name in ("One", "Two", "Two"):
        async with database.unit() as uow:
            (await uow.session.get_one(Project, project.id)).name = name
        versions += await database.autocommit.fetch("SELECT version FROM project WHERE id = $1::bigint", project.id)
    assert [version for (version,) in versions] == [2, 3, 3]
