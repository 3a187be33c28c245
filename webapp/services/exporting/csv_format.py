"""CSV: one file with every row flattened, one with its `info` alone.

A column is known to be there only when the last row has been seen, so the rows are read three times, and never held.
"""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Any

from db import json
from webapp.services.exporting.archive import Page, Rows, StreamedZip, time_text
from webapp.services.exporting.flattening import Cells, Columns, flat, flat_info, lines_of_info

WRITTEN_AT_ONCE = 1024 * 1024


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


def write_lines(lines: Iterable[list[str]], file: IO[bytes]) -> None:
    """Lines as CSV, a few at a time."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for line in lines:
        writer.writerow(line)
        if text.tell() > WRITTEN_AT_ONCE:
            _move(text, file)
    _move(text, file)


def _move(text: io.StringIO, file: IO[bytes]) -> None:
    file.write(text.getvalue().encode("utf-8", "replace"))
    text.seek(0)
    text.truncate()
