"""CSV, row by row, in bounded memory: what is wrong with the file is said with its line (docs/contract/jobs.md 5)."""

import csv
import io
import re
from collections.abc import Iterator
from typing import IO

from webapp.errors import Invalid
from webapp.i18n import format_number
from webapp.i18n import gettext as _
from webapp.services.importing.columns import TASK_COLUMNS
from webapp.services.importing.encodings import HEAD, encoding_of, in_utf8
from webapp.services.importing.separators import separator_of

LONGEST_FIELD = 1_000_000
LONGEST_ROW = 16 * 1024 * 1024
MOST_SEPARATORS = 1_000_000
"""Of a row, between its cells and in them: each may make a cell, which takes some 60 bytes before it can be refused."""
LONGEST_NAME = 1000
MOST_COLUMNS = 2000
"""As many as an export has columns for."""
MOST_ROWS = 5_000_000
NUL = "\x00"
SEPARATOR_LINE = re.compile(rb"sep=([,;\t])\r?\n")
"""What Excel writes, and reads, above the header."""
ADDRESS = re.compile(r"https?://", re.IGNORECASE)

csv.field_size_limit(LONGEST_FIELD)


class Table:
    """An open CSV file: its header is read and checked, its rows are read as they are asked for."""

    def __init__(self, file: IO[bytes]) -> None:
        """Read the header. Raises Invalid for a file that is empty, or no CSV with a name for each column."""
        encoding = encoding_of(file)
        self.notes: list[str] = []
        """How the file was read, where that was guessed."""
        if encoding.guessed:
            self.notes.append(_("The file is not in UTF-8; it was read as Western European (Windows-1252)."))
        self._file = in_utf8(file, encoding)
        self._size = self._n_separators = 0
        self._n_skipped, separator = self._begin()
        self._reader = csv.reader(self._lines(separator.encode()), delimiter=separator, strict=True)
        self.header = self._read_header()

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row that is not blank, with the line on which it begins. Raises Invalid where the file turns out to be
        no CSV, or too long."""
        n_rows = 0
        while (row := self._next()) is not None:
            if row[1]:
                n_rows += 1
                if n_rows > MOST_ROWS:
                    most = format_number(MOST_ROWS)
                    raise Invalid("file", _("The file has more than %(most)s rows: import it in parts.", most=most))
                yield row

    def _begin(self) -> tuple[int, str]:
        """How many lines stand above the header, and the separator; the file is at its header then."""
        start = self._file.tell()
        head = self._file.read(HEAD)
        if said := SEPARATOR_LINE.match(head):
            self._file.seek(start + said.end())
            return 1, said[1].decode()
        self._file.seek(start)
        lines = list(io.StringIO(head.decode("utf-8", "replace"), newline="\n"))
        return 0, separator_of(lines if len(head) < HEAD else lines[:-1])

    def _read_header(self) -> list[str]:
        found = self._next()
        if found is None or not any(name.strip() for name in found[1]):
            if self._next() is None:
                raise Invalid("file", _("Oops! It looks like the file is empty."))
            raise Invalid("file", _("The first line is blank: the names of the columns must stand there."))
        header = _distinct([name.strip() for name in found[1]])
        _check_header(header)
        return header

    def _next(self) -> tuple[int, list[str]] | None:
        line = self._reader.line_num + 1 + self._n_skipped
        self._size = self._n_separators = 0
        try:
            return line, next(self._reader)
        except StopIteration:
            return None
        except csv.Error as error:
            place = max(line, self._reader.line_num + self._n_skipped)
            text = _("The file is no CSV at line %(line)s: %(why)s.", line=place, why=str(error))
            raise Invalid("file", text) from error

    def _lines(self, separator: bytes) -> Iterator[str]:
        """The lines as text; too large a row ends them before it is taken apart."""
        while line := self._file.readline(LONGEST_ROW):
            self._size += len(line)
            if self._size >= LONGEST_ROW:
                raise csv.Error(_("a row is longer than 16 MiB"))
            self._n_separators += line.count(separator)
            if self._n_separators > MOST_SEPARATORS:
                raise csv.Error(_("a row has more than %(most)s separators", most=format_number(MOST_SEPARATORS)))
            yield line.decode()


def _distinct(header: list[str]) -> list[str]:
    """A name that stands there again gets a number, `a`, `a.1`, `a.2`: nothing of the file is lost, and the original
    does the same (recorded answers). The task's own columns are not numbered: which of two would count?"""
    counts: dict[str, int] = {}
    names = []
    for name in header:
        again = counts.get(name, 0)
        counts[name] = again + 1
        names.append(f"{name}.{again}" if again and name and name not in TASK_COLUMNS else name)
    return names


def _check_header(header: list[str]) -> None:
    if len(header) > MOST_COLUMNS:
        number, most = format_number(len(header)), format_number(MOST_COLUMNS)
        raise Invalid("file", _("The file has %(number)s columns; %(most)s is the most.", number=number, most=most))
    seen: set[str] = set()
    for place, name in enumerate(header, 1):
        if problem := _problem_of(name, place):
            raise Invalid("file", problem)
        if name in seen:
            raise Invalid("file", _("The file has two headers with the same name: %(name)s.", name=name))
        seen.add(name)


def _problem_of(name: str, place: int) -> str | None:
    """Why this can be no name of a column; None if it can."""
    if not name:
        return _("The file has an empty header: column %(place)s has no name.", place=place)
    if NUL in name:
        return _("The header holds a character that is none (NUL), in column %(place)s.", place=place)
    if len(name) > LONGEST_NAME:
        return _("The name of column %(place)s is longer than %(most)s characters.", place=place, most=LONGEST_NAME)
    if ADDRESS.match(name):
        return _("The file has no header: its first line holds an address where the names of the columns must stand.")
    return None
