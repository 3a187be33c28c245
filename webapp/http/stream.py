"""Answers that take their time: downloads, and server-sent events. Neither holds a database session of the
request's."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from quart import Response

from webapp.http.json import dumps
from webapp.integrations.filenames import in_ascii

EVENT_STREAM = "text/event-stream"
EVENTS_TIMEOUT_S = 3600


@dataclass(frozen=True)
class Download:
    """A file to keep: its name, type, and content in one piece or in chunks."""

    filename: str
    content_type: str
    content: bytes | AsyncIterator[bytes]
    inline: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    code: int = 200


@dataclass(frozen=True)
class Events:
    """Server-sent events: each item becomes one `data:` line of clean JSON (docs/contract/pages.md 4.6)."""

    items: AsyncIterator[Any]


def as_download(download: Download) -> Response:
    response = Response(download.content, download.code, content_type=download.content_type)
    disposition = "inline" if download.inline else "attachment"
    plain, exact = in_ascii(download.filename), quote(download.filename, safe="")
    response.headers["Content-Disposition"] = f"{disposition}; filename=\"{plain}\"; filename*=UTF-8''{exact}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.update(download.headers)
    return response


def as_events(events: Events) -> Response:
    response = Response(_lines(events.items), content_type=EVENT_STREAM)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Accel-Buffering"] = "no"
    response.timeout = EVENTS_TIMEOUT_S
    return response


async def _lines(items: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    try:
        async for item in items:
            yield b": still here\n\n" if item is None else b"data: " + dumps(item) + b"\n\n"
    finally:
        if isinstance(items, AsyncGenerator):
            await items.aclose()
