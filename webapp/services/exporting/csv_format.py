"""CSV: one file with every row flattened, one with its `info` alone.

A column is known to be there only when the last row has been seen, so the rows are read three times, and never held.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from db import json
from db.queries.reading.exports import COLUMNS
from webapp.services.exporting.archive import Rows, StreamedZip
from webapp.services.exporting.flattening import LISTS_IN_ONE_CELL, Columns, Values, line_of_row, lines_of_info

DECIDES_COLUMNS = frozenset({"info", *LISTS_IN_ONE_CELL})
"""Of a row, whether there are further columns; the others are the same for all rows."""
WRITTEN_AT_ONCE = 500
"""Lines: short rows may have many empty cells."""
LINE_END = "\r\n\0"
"""The csv module quotes cells that have any of these in them; no text has the last one."""

Row = dict[str, Any]


async def write(archive: StreamedZip, stem: str, kind: str, rows: Rows, *, raw: bool) -> None:
    """Write `<stem>.csv` and `<stem>_info_only.csv`."""
    tables = _Tables(kind, raw=raw)

    def learn(block: bytes) -> None:
        tables.learn(json.loads_lines(block))
        file.keep_alive()

    with archive.file(f"{stem}.csv") as file:
        await rows(learn, only=DECIDES_COLUMNS)
        write_lines(_head(tables.whole), file.write)
        await rows(lambda block: write_lines(tables.whole_lines(json.loads_lines(block)), file.write))
    with archive.file(f"{stem}_info_only.csv") as file:
        write_lines(_head(tables.alone), file.write)
        await rows(
            lambda block: write_lines(tables.info_lines(json.loads_lines(block)), file.write), only={"id", "info"}
        )


class _Tables:
    """The columns of both files: of whole rows, and of their info alone."""

    def __init__(self, kind: str, *, raw: bool) -> None:
        self._names = COLUMNS[kind]
        self._lists = [name for name in LISTS_IN_ONE_CELL if name in self._names]
        self._id_column = f"{kind}_id"
        self.whole, self.alone = Columns(raw=raw), Columns(self._id_column, raw=raw)

    def learn(self, rows: list[Row]) -> None:
        """Make columns for these rows, of which what decides that is enough."""
        for row in rows:
            if self._is_known(line_of_row(row, self._lists)):
                continue
            names = (name for name in self._names if name in row or name not in DECIDES_COLUMNS)
            self.whole.learn({name: row.get(name) for name in names})
            for values, _info in lines_of_info(row["info"], self._id_column, 0):
                self.alone.learn(values)

    def _is_known(self, row: Values) -> bool:
        """Whether both files have all columns: what is in an object has come to both at the same time."""
        if type(row["info"]) is list or not self.whole.has_all(row):
            return False
        return row["info"] != {} or self.alone.has_all({(None, self._id_column): None})

    def whole_lines(self, rows: list[Row]) -> Iterator[list[Any]]:
        return (self.whole.line(line_of_row(row, self._lists), row["info"]) for row in rows)

    def info_lines(self, rows: list[Row]) -> Iterator[list[Any]]:
        for row in rows:
            for values, info in lines_of_info(row["info"], self._id_column, row["id"]):
                yield self.alone.line(values, info)


def _head(columns: Columns) -> list[list[Any]]:
    """The first line; without columns there is none."""
    return [list(columns.names)] if columns.names else []


def write_lines(lines: Iterable[list[Any]], write: Callable[[bytes], object]) -> None:
    """Lines as CSV, some at a time. Cells with a line's end of any kind are quoted; lines end in LF."""
    left = iter(lines)
    while True:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator=LINE_END).writerows(islice(left, WRITTEN_AT_ONCE))
        if not text.tell():
            return
        write(text.getvalue().replace(LINE_END, "\n").encode("utf-8", "replace"))
