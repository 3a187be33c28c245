"""Rows are written in one place: `db.repositories` adds and removes them, services alone decide that it is done."""

import ast
from collections.abc import Iterator
from pathlib import Path

WEBAPP = Path(__file__).parents[2] / "webapp"
OF_THE_DATABASE = {
    "add",
    "add_all",
    "begin_nested",
    "delete",
    "execute",
    "get",
    "merge",
    "refresh",
    "scalar",
    "scalars",
}
"""What only `db` does with a session. `get` and `refresh` are there as functions of `db.repositories.rows`."""
OF_SERVICES = {"flush"}
SESSION_NAMES = {"session", "_session"}


def is_database_session(node: ast.expr) -> bool:
    """Whether the expression is a session of the database: the one of a unit of work, or one that was passed on. The
    cookie's session, a name of Quart's, is a mapping."""
    return isinstance(node, ast.Attribute) and node.attr in SESSION_NAMES


def calls_of_sessions(source: str) -> Iterator[tuple[int, str]]:
    """Line and method of each call of a session's method."""
    tree = ast.parse(source)
    takes_session = {
        argument.arg
        for function in ast.walk(tree)
        if isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef)
        for argument in function.args.args
        if argument.arg in SESSION_NAMES
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if is_database_session(owner) or (isinstance(owner, ast.Name) and owner.id in takes_session):
                yield node.lineno, node.func.attr


def test_rows_are_written_by_services_through_repositories() -> None:
    found = []
    for path in sorted(WEBAPP.rglob("*.py")):
        refused = OF_THE_DATABASE if path.is_relative_to(WEBAPP / "services") else OF_THE_DATABASE | OF_SERVICES
        calls = calls_of_sessions(path.read_text())
        found += [f"{path.relative_to(WEBAPP)}:{line} session.{method}" for line, method in calls if method in refused]
    assert not found


def test_the_rule_sees_each_way_to_write() -> None:
    source = """
async def view(call, session):
    call.session.add(1)
    await session.delete(1)
    await self._session.flush()
"""
    assert [method for _line, method in calls_of_sessions(source)] == ["add", "delete", "flush"]
