"""CSV: one file with every row flattened, one with its `info` alone.

A column is known to be there only when the last row has been seen, so rows wait in a file of this machine meanwhile.
"""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import islice
from typing import IO, Any

import orjson

from webapp.services.exporting.archive import Rows, StreamedZip, as_json
from webapp.services.exporting.flattening import Columns, flat, flat_infos

IN_MEMORY = 8 * 1024 * 1024
AT_ONCE = 500
Flatten = Callable[[dict[str, Any]], Iterator[dict[str, Any]]]


async def archive(stem: str, kind: str, rows: Rows) -> AsyncIterator[bytes]:
    """The zip with `<stem>.csv` and `<stem>_info_only.csv`."""

    def whole(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield flat(row)

    def info_only(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
        return flat_infos(row, f"{kind}_id")

    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as waiting:
        columns: dict[Flatten, Columns] = {whole: Columns(), info_only: Columns()}
        async for page in rows:
            await asyncio.to_thread(_keep, waiting, page, columns)
        zipped = StreamedZip()
        for name, flatten in ((f"{stem}.csv", whole), (f"{stem}_info_only.csv", info_only)):
            async for part in _file(zipped, name, waiting, flatten, columns[flatten]):
                yield part
        yield zipped.close()


def _keep(waiting: IO[bytes], page: list[dict[str, Any]], columns: dict[Flatten, Columns]) -> None:
    """Put rows aside, and learn their columns."""
    for row in page:
        line = as_json(row)
        waiting.write(line + b"\n")
        for flatten, known in columns.items():
            for flattened in flatten(orjson.loads(line)):
                known.learn(flattened)


async def _file(
    zipped: StreamedZip, name: str, waiting: IO[bytes], flatten: Flatten, columns: Columns
) -> AsyncIterator[bytes]:
    waiting.seek(0)
    file = zipped.open(name)
    file.write(_lines([columns.names] if columns.names else []))
    while lines := await asyncio.to_thread(_some, waiting):
        await asyncio.to_thread(_write, file, lines, flatten, columns)
        yield zipped.take()
    file.close()


def _some(waiting: IO[bytes]) -> list[bytes]:
    return list(islice(waiting, AT_ONCE))


def _write(file: IO[bytes], lines: list[bytes], flatten: Flatten, columns: Columns) -> None:
    rows = [columns.cells(flattened) for line in lines for flattened in flatten(orjson.loads(line))]
    file.write(_lines(rows))


def _lines(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "replace")
