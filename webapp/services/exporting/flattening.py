"""Nested values as the cells of one line. A column is where a value stands, not what the column is called: two places
whose names would be the same are two columns."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from db import json

LISTS_IN_ONE_CELL = ("fav_user_ids", "task_run_ids")
DEEPEST = 20
MOST_COLUMNS = 2000
LONGEST_NAME = 1100
"""Of a column, in characters: those of an import fit."""
MOST_LINES = 1000
"""That one row's list may make of itself."""
FURTHER = "further_fields"
"""The column of rows with something that has no column of its own: all of their info, as JSON."""
OVERFLOW = (None, FURTHER)
FIRST_OF_FORMULAS = frozenset("=+-@\t\r\n＝＋－＠")
"""How texts begin that spreadsheets take for formulas."""
NUMBER = re.compile(r"-(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
"""Texts that begin so and are none."""

Key = str | int | tuple[None, str]
"""Of an object, a place in a list, or the name of a column of ours among an owner's."""
Path = tuple[Key, ...]
"""The way to a value."""
Values = dict[Any, Any]
"""What makes one line: nested values by key."""
PLAIN = frozenset({int, bool, type(None)})
"""What the csv module writes as we do: nothing, True, a whole number."""


def line_of_row(row: dict[str, Any], lists: Iterable[str]) -> Values:
    """What a row shows of itself. Those of its `lists` are one cell each; an empty one is none."""
    for name in lists:
        if name in row:
            if row[name]:
                row[name] = json.dumps(row[name]).decode()
            else:
                del row[name]
    return row


def lines_of_info(info: Any, id_column: str, row_id: int) -> list[tuple[Values, Any]]:
    """The lines that a row's `info` makes by itself, with the row's id, and what of it each shows: one for each object
    of a list, or for the one that it is; none of scalars. A list of too many is one line."""
    if not isinstance(info, list):
        objects = [info] if isinstance(info, dict) else []
    else:
        objects = [one for one in info if isinstance(one, dict)]
    if len(objects) > MOST_LINES:
        return [({OVERFLOW: "", (None, id_column): row_id}, objects)]
    return [({**one, (None, id_column): row_id}, one) for one in objects]


def cells(values: Values) -> Iterator[tuple[Path, Any]]:
    """The cells of a line and where they stand: `info`, `key`; an empty list or object has none."""
    for name, value in values.items():
        yield from _spread((name,), value)


def _spread(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    inner: Iterable[tuple[Key, Any]]
    if isinstance(value, dict) and len(path) <= DEEPEST:
        inner = value.items()
    elif isinstance(value, list) and len(path) <= DEEPEST:
        inner = enumerate(value)
    else:
        yield path, value
        return
    for key, one in inner:
        yield from _spread((*path, key), one)


class _Node:
    """A place on the way to values: which column has what stands here, and what is further in."""

    __slots__ = ("column", "inner")

    def __init__(self) -> None:
        self.column: int | None = None
        self.inner: dict[Any, _Node] = {}


class Columns:
    """The columns of a file, in the order in which they were first seen.

    Answers may hold whatever people send, so there is a limit to how many columns there are, and to their names: rows
    with more have all of their info in one further column, as JSON.
    """

    def __init__(self, *reserved: str, raw: bool = False) -> None:
        """`reserved`: names of our own columns. `raw`: texts stay as they are, also where a spreadsheet would take them
        for formulas."""
        self._root = _Node()
        self._names: list[str] = []
        self._taken = dict.fromkeys((*reserved, FURTHER), 0)
        self._overflows = False
        self._as_text: Callable[[str], str] = str if raw else harmless
        self._first_of_formulas: frozenset[str] = frozenset() if raw else FIRST_OF_FORMULAS

    @property
    def names(self) -> list[str]:
        return [*self._names, *([FURTHER] if self._overflows else [])]

    def has_all(self, values: Values) -> bool:
        """Whether each cell of the line has a column; not seen of what lies very deep."""
        return _has_all(self._root, values.items())

    def learn(self, values: Values) -> None:
        """Make columns for what has none yet."""
        for path, _value in cells(values):
            self._overflows |= not self._add(path)

    def _add(self, path: Path) -> bool:
        """Make a column, unless there is one, there are too many, or its name would be too long; whether there is."""
        node: _Node | None = self._root
        for key in path:
            node = node.inner.get(key) if node is not None else None
        if node is not None and node.column is not None:
            return True
        if len(self._names) >= MOST_COLUMNS or path == (OVERFLOW,):
            return False
        if sum(len(str(part)) + 1 for part in path) > LONGEST_NAME:
            return False
        node = self._root
        for key in path:
            node = node.inner.setdefault(key, _Node())
        node.column = len(self._names)
        self._names.append(self._name(path))
        return True

    def _name(self, path: Path) -> str:
        """The keys joined; with a number where that is another column's name."""
        if isinstance(path[0], tuple):
            return path[0][1]
        wanted = name = self._as_text("_".join(map(str, path)))
        while name in self._taken:
            self._taken[wanted] += 1
            name = f"{wanted}.{self._taken[wanted]}"
        self._taken[name] = 0
        return name

    def line(self, values: Values, info: Any) -> list[Any]:
        """One line, as the csv module takes it; `info` is what the further column shows of a row that has more."""
        line: list[Any] = [None] * len(self._names)
        is_complete = self._fill(line, self._root, values.items())
        if self._overflows:
            line.append(None if is_complete else self._as_text(json.dumps(info).decode()))
        return line

    def _fill(self, line: list[Any], node: _Node, values: Iterable[tuple[Any, Any]], depth: int = 1) -> bool:
        """Put the cells below a place where they belong; whether there was a column for all of them."""
        inner, is_complete = node.inner, True
        for key, value in values:
            try:
                found = inner[key]
            except KeyError:
                is_complete &= not any(_spread(("",) * depth, value))
                continue
            kind, column = type(value), found.column
            if (kind is dict or kind is list) and depth <= DEEPEST:
                is_complete &= self._fill(line, found, value.items() if kind is dict else enumerate(value), depth + 1)
            elif column is None:
                is_complete = False
            elif kind is str:
                line[column] = self._as_text(value) if value[:1] in self._first_of_formulas else value
            elif kind in PLAIN:
                line[column] = value
            else:
                line[column] = json.dumps(value).decode()
        return is_complete


def _has_all(node: _Node, values: Iterable[tuple[Any, Any]], depth: int = 1) -> bool:
    if depth > DEEPEST:
        return False
    inner = node.inner
    for key, value in values:
        found, kind = inner.get(key), type(value)
        if found is None:
            return False
        if kind is dict or kind is list:
            if not _has_all(found, value.items() if kind is dict else enumerate(value), depth + 1):
                return False
        elif found.column is None:
            return False
    return True


def harmless(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text[:1] in FIRST_OF_FORMULAS and not NUMBER.fullmatch(text) else text
