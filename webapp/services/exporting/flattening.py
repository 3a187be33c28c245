"""Nested values as the cells of one line. A column is where a value stands, not what the column is called: two places
whose names would be the same are two columns."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from db import json

LISTS_IN_ONE_CELL = frozenset({"fav_user_ids", "task_run_ids"})
DEEPEST = 20
MOST_COLUMNS = 2000
LONGEST_NAME = 1100
"""Of a column, in characters: those of an import fit."""
MOST_LINES = 1000
"""That one row's list may make of itself."""
FURTHER = "further_fields"
"""The column of rows with something that has no column of its own: all of their info, as JSON."""
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
"""How texts begin that spreadsheets take for formulas."""
NUMBER = re.compile(r"-(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
"""Texts that begin so and are none."""

Path = tuple[str | int | None, ...]
"""Keys and places on the way to a value. None stands before a column of ours among an owner's."""
Cells = Iterable[tuple[Path, Any]]


def flat(row: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """A row as columns: `info_key`, `info_key_0`; an empty list or object has none."""
    for name, value in row.items():
        if name not in LISTS_IN_ONE_CELL:
            yield from _spread((name,), value)
        elif value:
            yield (name,), value


def lines_of_info(info: Any) -> list[Any]:
    """What makes a line each: the objects of a list, or the one that `info` is; nothing of scalars. A list of too many
    is one line."""
    if not isinstance(info, list):
        return [info] if isinstance(info, dict) else []
    objects = [one for one in info if isinstance(one, dict)]
    return objects if len(objects) <= MOST_LINES else [objects]


def flat_info(info: Any, id_column: str, row_id: int) -> Iterator[tuple[Path, Any]]:
    """One of those lines as columns, with the row's id."""
    if isinstance(info, dict):
        for name, value in info.items():
            yield from _spread((name,), value)
    else:
        yield (None, FURTHER), info
    yield (None, id_column), row_id


def _spread(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    inner: Iterable[tuple[str | int, Any]]
    if isinstance(value, dict) and len(path) <= DEEPEST:
        inner = value.items()
    elif isinstance(value, list) and len(path) <= DEEPEST:
        inner = enumerate(value)
    else:
        yield path, value
        return
    for key, one in inner:
        yield from _spread((*path, key), one)


class Columns:
    """The columns of a file, in the order in which they were first seen.

    Answers may hold whatever people send, so there is a limit to how many columns there are, and to their names: rows
    with more have all of their info in one further column, as JSON.
    """

    def __init__(self, *reserved: str, raw: bool = False) -> None:
        """`reserved`: names of our own columns. `raw`: texts stay as they are, also where a spreadsheet would take them
        for formulas."""
        self._places: dict[Path, int] = {}
        self._names: list[str] = []
        self._taken = dict.fromkeys((*reserved, FURTHER), 0)
        self._overflows = False
        self._as_text: Callable[[str], str] = str if raw else harmless

    @property
    def names(self) -> list[str]:
        return [*self._names, *([FURTHER] if self._overflows else [])]

    def learn(self, cells: Cells) -> None:
        for path, _value in cells:
            if path not in self._places and not self._add(path):
                self._overflows = True

    def _add(self, path: Path) -> bool:
        """Make a column, unless there are too many, or its name would be too long."""
        if len(self._places) >= MOST_COLUMNS or path == (None, FURTHER):
            return False
        if sum(len(str(part)) + 1 for part in path) > LONGEST_NAME:
            return False
        self._places[path] = len(self._places)
        self._names.append(self._name(path))
        return True

    def _name(self, path: Path) -> str:
        """The keys joined; with a number where that is another column's name."""
        if path[0] is None:
            return str(path[-1])
        wanted = name = self._as_text("_".join(map(str, path)))
        while name in self._taken:
            self._taken[wanted] += 1
            name = f"{wanted}.{self._taken[wanted]}"
        self._taken[name] = 0
        return name

    def line(self, cells: Cells, info: Any) -> list[str]:
        """One line; `info` is what the further column shows of a row that has more."""
        line, complete = [""] * len(self._places), True
        for path, value in cells:
            place = self._places.get(path)
            if place is None:
                complete = False
            else:
                line[place] = self._cell(value)
        if self._overflows:
            line.append("" if complete else self._cell(json.dumps(info).decode()))
        return line

    def _cell(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            return self._as_text(value)
        return str(value) if isinstance(value, bool) else json.dumps(value).decode()


def harmless(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text
