"""JSON: one file, an array of all rows with all their columns, their data as it is."""

import asyncio
from collections.abc import AsyncIterator
from typing import IO

from webapp.services.exporting.archive import Page, Rows, StreamedZip, as_json


async def archive(stem: str, kind: str, rows: Rows, *, raw: bool) -> AsyncIterator[bytes]:
    """The zip with `<stem>.json`. It is for programs, so always raw."""
    zipped = StreamedZip()
    file = zipped.open(f"{stem}.json")
    separator = b"[\n"
    async for page in rows():
        await asyncio.to_thread(_write, file, page, separator)
        separator = b",\n"
        yield zipped.take()
    file.write(b"[]\n" if separator == b"[\n" else b"\n]\n")
    file.close()
    yield zipped.close()


def _write(file: IO[bytes], page: Page, separator: bytes) -> None:
    file.write(separator + b",\n".join(as_json(row) for row in page))
