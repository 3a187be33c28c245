"""JSON: one file, an array of all rows with all their columns."""

import asyncio
from collections.abc import AsyncIterator
from typing import IO, Any

from webapp.services.exporting.archive import Rows, StreamedZip, as_json


async def archive(stem: str, kind: str, rows: Rows) -> AsyncIterator[bytes]:
    """The zip with `<stem>.json`."""
    zipped = StreamedZip()
    file = zipped.open(f"{stem}.json")
    separator = b"[\n"
    async for page in rows:
        await asyncio.to_thread(_write, file, page, separator)
        separator = b",\n"
        yield zipped.take()
    file.write(b"[]\n" if separator == b"[\n" else b"\n]\n")
    file.close()
    yield zipped.close()


def _write(file: IO[bytes], page: list[dict[str, Any]], separator: bytes) -> None:
    file.write(separator + b",\n".join(as_json(row) for row in page))
