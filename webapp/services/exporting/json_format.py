"""JSON: one file, an array of all rows with all their columns, their data as it is."""

from webapp.services.exporting.archive import Rows, StreamedZip, ZippedFile


async def write(archive: StreamedZip, stem: str, kind: str, rows: Rows, *, raw: bool) -> None:
    """Write `<stem>.json`. It is for programs, so always raw."""
    with archive.file(f"{stem}.json") as file:
        array = _Array(file)
        await rows(array.add)
        array.end()


class _Array:
    """A JSON array with an item a line."""

    def __init__(self, file: ZippedFile) -> None:
        self._file = file
        self._is_empty = True

    def add(self, lines: bytes) -> None:
        self._file.write((b"[\n" if self._is_empty else b",\n") + lines.removesuffix(b"\n").replace(b"\n", b",\n"))
        self._is_empty = False

    def end(self) -> None:
        self._file.write(b"[]\n" if self._is_empty else b"\n]\n")
