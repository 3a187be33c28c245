"""Nested values as the cells of one line."""

from collections.abc import Iterator
from typing import Any

import orjson

LISTS_IN_ONE_CELL = frozenset({"fav_user_ids", "task_run_ids"})
DEEPEST = 20
MOST_COLUMNS = 2000
FURTHER = "further_fields"
"""The column of whatever has no column of its own."""


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row as columns: `info_key`, `info_key_0`; an empty list or object has none."""
    cells: dict[str, Any] = {}
    for name, value in row.items():
        if name in LISTS_IN_ONE_CELL:
            if value:
                cells[name] = value
        else:
            _spread(cells, name, value, 0)
    return cells


def flat_infos(row: dict[str, Any], id_column: str) -> Iterator[dict[str, Any]]:
    """The `info` of a row alone, with the row's id; a list makes a line of each of its objects, a scalar none."""
    info = row["info"]
    for one in info if isinstance(info, list) else [info]:
        if isinstance(one, dict):
            cells: dict[str, Any] = {}
            for name, value in one.items():
                _spread(cells, name, value, 0)
            yield cells | {id_column: row["id"]}


def _spread(cells: dict[str, Any], name: str, value: Any, depth: int) -> None:
    if depth < DEEPEST and isinstance(value, dict):
        for key, inner in value.items():
            _spread(cells, f"{name}_{key}", inner, depth + 1)
    elif depth < DEEPEST and isinstance(value, list):
        for place, inner in enumerate(value):
            _spread(cells, f"{name}_{place}", inner, depth + 1)
    else:
        cells[name] = value


class Columns:
    """The columns of a file, in the order in which they were first seen.

    Answers may hold whatever people send, so there is a limit: what is beyond it shares one column, as JSON.
    """

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._overflows = False

    @property
    def names(self) -> list[str]:
        return [*self._places, *([FURTHER] if self._overflows else [])]

    def learn(self, cells: dict[str, Any]) -> None:
        for name in cells:
            if name not in self._places:
                if len(self._places) < MOST_COLUMNS:
                    self._places[name] = len(self._places)
                else:
                    self._overflows = True

    def cells(self, cells: dict[str, Any]) -> list[str]:
        """One line; whatever has no column of its own comes last."""
        line = [""] * len(self._places)
        further = {}
        for name, value in cells.items():
            place = self._places.get(name)
            if place is None:
                further[name] = value
            else:
                line[place] = _cell(value)
        if self._overflows:
            line.append(_cell(further) if further else "")
        return line


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return str(value)
    return orjson.dumps(value).decode()
