"""Revisions depend on nothing that changes: they are the same when they are run in a year (docs/migrations.md)."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.upgrade import VERSIONS
from tests.support.migrations import History

LASTING = {"alembic", "sqlalchemy", "db.migrations.functions", "db.migrations.script"}
"""What revisions may import beside Python's own modules: what they are made with, and it keeps its meaning."""
REVISIONS = sorted(VERSIONS.iterdir())


def imported(source: str) -> Iterator[str]:
    """Every module that is imported anywhere in the source, also by name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")
        elif isinstance(node, ast.Name) and node.id in ("__import__", "import_module"):
            yield node.id


def changing(source: str) -> set[str]:
    """What is imported and does not last."""
    return {
        name
        for name in imported(source)
        if name not in LASTING and name.partition(".")[0] not in (LASTING | sys.stdlib_module_names) - {"importlib"}
    }


@pytest.mark.parametrize("folder", REVISIONS, ids=lambda folder: folder.name)
def test_a_revision_imports_nothing_that_changes(folder: Path) -> None:
    for file in folder.rglob("*.py"):
        assert changing(file.read_text()) == set(), file


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("from db.naming import look", "db.naming"),
        ("import db.models", "db.models"),
        ("from db import functions", "db"),
        ("def upgrade():\n    from webapp import config", "webapp"),
        ("from . import other", "."),
        ("import importlib", "importlib"),
        ("__import__('db.models')", "__import__"),
    ],
)
def test_what_changes_is_found(source: str, name: str) -> None:
    assert changing(source) == {name}


def test_folders_are_named_in_the_order_of_their_revisions() -> None:
    """The copies of functions are found by it: whoever merges a branch of older revisions renames them."""
    found = [Path(script.path).parent.name for script in History().revisions()]
    assert found == [folder.name for folder in REVISIONS]
    for script, folder in zip(History().revisions(), REVISIONS, strict=True):
        assert folder.name.startswith(f"{script.revision}_")
