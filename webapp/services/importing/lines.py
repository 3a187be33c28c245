"""Tasks as JSON, one on a line: what a source of records comes as."""

from collections.abc import Iterator
from typing import IO

from db import json
from webapp.errors import Invalid
from webapp.i18n import format_number
from webapp.i18n import gettext as _
from webapp.services.importing.reading import MOST_ROWS


class Lines:
    """An open file of such lines, with the face of a `Table`: read as they are asked for."""

    def __init__(self, file: IO[bytes]) -> None:
        """Read the first line; there may be none."""
        self.notes: list[str] = []
        self._file = file
        file.seek(0)
        first = file.readline()
        file.seek(0)
        self.header: list[str] = list(json.loads(first)) if first else []

    def texts(self) -> Iterator[tuple[int, bytes]]:
        """Each line with its number, without its end. Raises Invalid beyond as many as a file may have."""
        for number, line in enumerate(self._file, 1):
            if number > MOST_ROWS:
                most = format_number(MOST_ROWS)
                raise Invalid("file", _("The file has more than %(most)s rows: import it in parts.", most=most))
            yield number, line.rstrip(b"\n")

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each record with its number, as the cells of a table."""
        for number, text in self.texts():
            record = json.loads(text)
            yield number, [_cell(record.get(name)) for name in self.header]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value).decode()
