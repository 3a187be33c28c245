"""CSV, row by row, in bounded memory: what is wrong with the file is said with its line (05-jobs section 5)."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, cast

import orjson

from webapp.errors import Invalid
from webapp.i18n import gettext as _

TASK_COLUMNS = ("state", "quorum", "calibration", "priority_0", "n_answers")
"""Columns of the file that are the task's own; all others go into its info."""
LONGEST_FIELD = 1_000_000
MOST_ANSWERS = 1000
WHOLE = re.compile(r"-?(0|[1-9]\d{0,15})")
DECIMAL = re.compile(r"-?(0|[1-9]\d*)\.\d+")
BINARY = b"\x00"

csv.field_size_limit(LONGEST_FIELD)


@dataclass(frozen=True, slots=True)
class NewTask:
    """One row that can become a task."""

    line: int
    info: str
    """JSON text."""
    n_answers: int | None = None
    priority_0: float | None = None
    quorum: int | None = None
    calibration: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """One row that cannot, and why."""

    line: int
    reason: str


@dataclass
class Table:
    """An open CSV file: its header is read and checked, its rows are read as they are asked for."""

    header: list[str]
    rows: Iterator[list[str]]
    line: int = 1
    info_columns: list[str] = field(default_factory=list)

    def read(self) -> Iterator[NewTask | Refused]:
        """Each row as a task, or as refused. Raises Invalid for a file that turns out not to be CSV in UTF-8."""
        while True:
            try:
                row = next(self.rows)
            except StopIteration:
                return
            except (csv.Error, UnicodeDecodeError) as error:
                raise _unreadable(error, self.line) from error
            self.line += 1
            if row:
                yield _task_of(self.header, row, self.line)


def open_table(file: IO[bytes]) -> Table:
    """Read the header of the file. Raises Invalid for one that is empty, doubled, or not of a CSV file in UTF-8."""
    if BINARY in file.read(4096):
        raise Invalid("file", _("This is not a CSV file: it holds binary data."))
    file.seek(0)
    text = codecs.getreader("utf-8-sig")(cast("Any", file), "strict")
    rows = csv.reader(text, strict=True)
    try:
        header = [name.strip() for name in next(rows)]
    except StopIteration:
        raise Invalid("file", _("Oops! It looks like the file is empty.")) from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise _unreadable(error, 1) from error
    _check_header(header)
    return Table(header, rows, info_columns=[name for name in header if name not in TASK_COLUMNS])


def _unreadable(error: Exception, line: int) -> Invalid:
    if isinstance(error, UnicodeDecodeError):
        return Invalid("file", _("The file is not in UTF-8 (after line %(line)s).", line=line))
    return Invalid("file", _("The file is no CSV after line %(line)s: %(why)s.", line=line, why=str(error)))


def _check_header(header: list[str]) -> None:
    if not any(header):
        raise Invalid("file", _("Oops! It looks like the file is empty."))
    for place, name in enumerate(header, 1):
        if not name:
            raise Invalid("file", _("The file has an empty header: column %(place)s has no name.", place=place))
        if header.index(name) != place - 1:
            raise Invalid("file", _("The file has two headers with the same name: %(name)s.", name=name))


def _task_of(header: list[str], row: list[str], line: int) -> NewTask | Refused:
    if len(row) != len(header):
        reason = _("%(found)s fields where the header has %(wanted)s", found=len(row), wanted=len(header))
        return Refused(line, reason)
    values = dict(zip(header, row, strict=True))
    try:
        own = {name: _own_value(name, values[name]) for name in TASK_COLUMNS if values.get(name, "") != ""}
    except ValueError as error:
        return Refused(line, str(error))
    own.pop("state", None)
    info = {name: typed(text) for name, text in values.items() if name not in TASK_COLUMNS}
    return NewTask(line, orjson.dumps(info).decode(), **own)


def _own_value(name: str, text: str) -> Any:
    if name == "state":
        return text
    try:
        value = float(text) if name == "priority_0" else int(text)
    except ValueError:
        raise ValueError(_("%(name)s is “%(text)s”, not a number", name=name, text=text)) from None
    if name == "n_answers" and not 1 <= value <= MOST_ANSWERS:
        raise ValueError(_("n_answers is %(value)s, not between 1 and 1,000", value=text))
    if name == "priority_0" and not 0 <= value <= 1:
        raise ValueError(_("priority_0 is %(value)s, not between 0 and 1", value=text))
    if name in ("quorum", "calibration") and abs(value) >= 2**31:
        raise ValueError(_("%(name)s is out of range", name=name))
    return value


def typed(text: str) -> int | float | str:
    """A number where the text is one and nothing is lost by it (`007` stays a text); empty cells stay empty texts."""
    if WHOLE.fullmatch(text):
        return int(text)
    if DECIMAL.fullmatch(text) and len(text) < 16:
        return float(text)
    return text
