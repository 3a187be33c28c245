"""What follows from the table of orders does, and functions are called as they are declared."""

from dataclasses import dataclass
from typing import Any

import pytest

from db.calls import DatabaseFunction, function
from db.functions import FOLDER, ordered
from db.models import Project
from db.orders import ORDERS
from db.queries.assignment import drawing, leasing, submitting
from db.session import Database
from tests.factories import make_project, make_user

FUNCTIONS: dict[str, DatabaseFunction[Any]] = {
    "workbee_draw": drawing._DRAW,
    "workbee_lease": leasing._LEASE,
    "workbee_reserve": leasing._RESERVE,
    "workbee_submit": submitting._SUBMIT,
}
ARGUMENTS = """SELECT proargnames[1:pronargs] AS names,
  ARRAY(SELECT format_type(kind, NULL) FROM unnest(proargtypes) kind) AS types FROM pg_proc WHERE proname = $1"""


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
