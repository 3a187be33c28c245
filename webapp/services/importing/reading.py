"""CSV, row by row, in bounded memory: what is wrong with the file is said with its line (05-jobs section 5)."""

import csv
from collections.abc import Iterator
from typing import IO

from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.services.importing.columns import TASK_COLUMNS

LONGEST_FIELD = 1_000_000
LONGEST_ROW = 16 * 1024 * 1024
MOST_COLUMNS = 10_000
HEAD = 65536
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
BINARY = b"\x00"

csv.field_size_limit(LONGEST_FIELD)


class Table:
    """An open CSV file: its header is read and checked, its rows are read as they are asked for."""

    def __init__(self, file: IO[bytes]) -> None:
        """Read the header. Raises Invalid for a file that is empty, or not CSV in UTF-8 with a name for each column."""
        _check_kind(file)
        self._file = file
        self._size = 0
        self._reader = csv.reader(self._lines(), strict=True)
        header = self._next()
        if header is None or not any(name.strip() for name in header[1]):
            raise Invalid("file", _("Oops! It looks like the file is empty."))
        self.header = _distinct([name.strip() for name in header[1]])
        _check_header(self.header)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row that is not blank, with the line on which it begins. Raises Invalid where the file turns out to be
        no CSV in UTF-8."""
        while (row := self._next()) is not None:
            if row[1]:
                yield row

    def _next(self) -> tuple[int, list[str]] | None:
        line, self._size = self._reader.line_num + 1, 0
        try:
            fields = next(self._reader)
        except StopIteration:
            return None
        except csv.Error as error:
            place = max(line, self._reader.line_num)
            text = _("The file is no CSV at line %(line)s: %(why)s.", line=place, why=str(error))
            raise Invalid("file", text) from error
        if not _is_utf8("".join(fields)):
            raise Invalid("file", _("The file is not in UTF-8 (line %(line)s).", line=line))
        return line, fields

    def _lines(self) -> Iterator[str]:
        """The lines as text. Bytes that are none are kept apart in it, to be found with the row that they are in."""
        self._file.seek(len(BYTE_ORDER_MARK) if self._file.read(3) == BYTE_ORDER_MARK else 0)
        while line := self._file.readline(LONGEST_ROW):
            self._size += len(line)
            if self._size >= LONGEST_ROW:
                raise csv.Error(_("a row is longer than 16 MiB"))
            yield line.decode("utf-8", "surrogateescape")


def _is_utf8(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_kind(file: IO[bytes]) -> None:
    """Raise Invalid for files that are something else, in words that help to mend it."""
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    if head.startswith(UTF_16):
        raise Invalid("file", _("The file is in UTF-16, not in UTF-8: save it as “CSV UTF-8”."))
    if BINARY in head:
        raise Invalid("file", _("This is not a CSV file: it holds binary data."))
    if b"\r" in head and b"\n" not in head:
        raise Invalid("file", _("The lines of this file end as old Macs did it: save it as “CSV UTF-8”."))


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
    if len(header) == 1 and any(separator in header[0] for separator in ";\t"):
        raise Invalid("file", _("The columns of this file are not separated by commas: save it with commas."))
    if len(header) > MOST_COLUMNS:
        raise Invalid("file", _("The file has %(number)s columns; 10,000 is the most.", number=len(header)))
    seen: set[str] = set()
    for place, name in enumerate(header, 1):
        if not name:
            raise Invalid("file", _("The file has an empty header: column %(place)s has no name.", place=place))
        if BINARY.decode() in name:
            raise Invalid("file", _("This is not a CSV file: it holds binary data."))
        if name in seen:
            raise Invalid("file", _("The file has two headers with the same name: %(name)s.", name=name))
        seen.add(name)
