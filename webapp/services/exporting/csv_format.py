"""CSV: one file with every row flattened, one with its `info` alone.

A column is known to be there only when the last row has been seen, so the rows are read three times, and never held.
"""

import asyncio
import csv
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from db import json
from webapp.services.exporting.archive import Page, Rows, StreamedZip, time_text
from webapp.services.exporting.flattening import Cells, Columns, flat, flat_info, lines_of_info

WRITTEN_AT_ONCE = 1024 * 1024
LINE_END = "\r\n"


@dataclass(frozen=True)
class _Table:
    """One of the files: its columns, and the lines that a row makes in it, each with the info that it shows."""

    columns: Columns
    lines: Callable[[dict[str, Any]], Iterator[tuple[Cells, Any]]]

    def learn(self, page: Page) -> None:
        for row in page:
            for cells, _info in self.lines(_read(row)):
                self.columns.learn(cells)

    def write(self, page: Page, file: IO[bytes]) -> None:
        read = (self.columns.line(cells, info) for row in page for cells, info in self.lines(_read(row)))
        write_lines(read, file)


async def archive(stem: str, kind: str, rows: Rows, *, raw: bool) -> AsyncIterator[bytes]:
    """The zip with `<stem>.csv` and `<stem>_info_only.csv`."""
    id_column = f"{kind}_id"

    def info_only(row: dict[str, Any]) -> Iterator[tuple[Cells, Any]]:
        return ((flat_info(one, id_column, row["id"]), one) for one in lines_of_info(row["info"]))

    def whole(row: dict[str, Any]) -> Iterator[tuple[Cells, Any]]:
        yield flat(row), row["info"]

    tables = {
        f"{stem}.csv": _Table(Columns(raw=raw), whole),
        f"{stem}_info_only.csv": _Table(Columns(id_column, raw=raw), info_only),
    }
    async for page in rows():
        for table in tables.values():
            await asyncio.to_thread(table.learn, page)
    zipped = StreamedZip()
    for name, table in tables.items():
        file = zipped.open(name)
        write_lines([table.columns.names] if table.columns.names else [], file)
        async for page in rows():
            await asyncio.to_thread(table.write, page, file)
            yield zipped.take()
        file.close()
    yield zipped.close()


def _read(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its JSON and its times as they are shown."""
    return {name: time_text(value) for name, value in row.items()} | {"info": json.loads(row["info"] or "null")}


class _Text:
    """Where the csv module writes. It is told that lines end in CR and LF, as it quotes only what is in that: here
    cells with either are quoted, and lines end in LF."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._lines: list[str] = []
        self._size = 0

    def write(self, line: str) -> None:
        """One line, whole."""
        self._lines.append(line.removesuffix(LINE_END) + "\n")
        self._size += len(line)
        if self._size > WRITTEN_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        self._file.write("".join(self._lines).encode("utf-8", "replace"))
        self._lines, self._size = [], 0


def write_lines(lines: Iterable[list[str]], file: IO[bytes]) -> None:
    """Lines as CSV, a few at a time."""
    text = _Text(file)
    csv.writer(text, lineterminator=LINE_END).writerows(lines)
    text.flush()
