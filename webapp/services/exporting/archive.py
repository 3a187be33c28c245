"""A zip that is sent while it is written."""

import io
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import IO, Any

from db import json

Page = list[dict[str, Any]]
"""Some rows; their `info` is JSON text."""
Rows = Callable[[], AsyncIterator[Page]]
"""All rows from the first, as often as they are asked for."""


class _Sink(io.RawIOBase):
    """Takes what is written until somebody asks for it. It cannot seek, so the zip needs no going back."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written += data
        return len(data)

    def take(self) -> bytes:
        """What has been written since it was last asked for."""
        taken = bytes(self._written)
        self._written.clear()
        return taken


class StreamedZip:
    """Files are written one after another; `take()` gives the bytes that are ready to be sent."""

    def __init__(self) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED, compresslevel=5)

    def open(self, name: str) -> IO[bytes]:
        """Begin a file; it is closed before the next one begins."""
        moment = datetime.now(UTC).timetuple()[:6]
        entry = zipfile.ZipInfo(name, moment)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        return self._zip.open(entry, "w", force_zip64=True)

    def take(self) -> bytes:
        return self._sink.take()

    def close(self) -> bytes:
        """Write the table of contents; the last bytes."""
        self._zip.close()
        return self.take()


def as_json(row: dict[str, Any]) -> bytes:
    """A row as JSON: its `info` is JSON already, times are naive UTC as in the API (docs/contract/api.md 1.6)."""
    shown = {name: time_text(value) for name, value in row.items()}
    return json.dumps(shown | {"info": json.Fragment(row["info"] or "null")})


def time_text(value: Any) -> Any:
    """A time as the API shows it; anything else as it is."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() if isinstance(value, datetime) else value
