"""One row of a table as a task, or why it can be none (docs/contract/jobs.md 5)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from db import json
from webapp.i18n import gettext as _
from webapp.i18n import ngettext
from webapp.services.importing.columns import TASK_COLUMNS
from webapp.services.importing.json_records import BROKEN, JsonRecords, parts_of
from webapp.services.importing.lines import Lines
from webapp.services.importing.reading import Table

MOST_ANSWERS = 1000
LARGEST_INFO = 1024 * 1024
"""Of one task, in bytes of JSON."""
WHOLE = re.compile(r"0|-?[1-9][0-9]{0,15}")
LARGEST_WHOLE = 2**53 - 1
"""What every reader of JSON keeps exactly."""
DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,15})\.[0-9]{0,20}[1-9]")
NUMBER = re.compile(r"-?[0-9]{1,300}(\.[0-9]{0,300})?")
"""Of the task's own columns, which are no texts."""
BEGINNINGS = "-0123456789"
"""Of every number; most texts are told by their first character."""
NUL = "\x00"
ESCAPED_NUL = b"\\u0000"
"""The same in JSON; a text that only shows these signs is refused with it."""


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


@dataclass(frozen=True, slots=True)
class Empty:
    """One row without anything in its cells, as spreadsheets leave them: no task."""

    line: int


Row = NewTask | Refused | Empty


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where in a row the values are, found once for all rows."""

    width: int
    own: list[tuple[str, int]]
    info: list[tuple[str, int]]

    @classmethod
    def of(cls, header: list[str]) -> "_Columns":
        own = [(name, header.index(name)) for name in TASK_COLUMNS if name in header]
        return cls(len(header), own, [(name, n) for n, name in enumerate(header) if name not in TASK_COLUMNS])


def read_tasks(table: Table | Lines | JsonRecords) -> Iterator[Row]:
    """Each row of the table, or each record. Raises Invalid where the file turns out to be none."""
    if isinstance(table, JsonRecords):
        yield from (_of_json(number, record) for number, record in table.records())
        return
    if isinstance(table, Lines):
        yield from (_record(line, text) for line, text in table.texts())
        return
    columns = _Columns.of(table.header)
    for line, fields in table.rows():
        yield _task_of(columns, fields, line) if any(map(str.strip, fields)) else Empty(line)


def _record(line: int, text: bytes) -> NewTask | Refused:
    if len(text) > LARGEST_INFO:
        return Refused(line, _("it is longer than 1 MiB"))
    if ESCAPED_NUL in text:
        return Refused(line, _("it holds a character that is none (NUL)"))
    return NewTask(line, text.decode())


def _of_json(number: int, record: Any) -> Row:
    if record is BROKEN:
        return Refused(number, _("it is no JSON"))
    if not isinstance(record, dict):
        return Refused(number, _("it is no object"))
    if not record:
        return Empty(number)
    info, given = parts_of(record)
    try:
        own = {name: _own_value(name, _as_text(value)) for name, value in given.items() if name != "state"}
    except ValueError as error:
        return Refused(number, str(error))
    told = _record(number, json.dumps(info))
    return replace(told, **own) if isinstance(told, NewTask) else told


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value).decode()


def _task_of(columns: _Columns, row: list[str], line: int) -> NewTask | Refused:
    if len(row) != columns.width:
        reason = ngettext(
            "%(found)s field where the header has %(wanted)s",
            "%(found)s fields where the header has %(wanted)s",
            len(row),
            found=len(row),
            wanted=columns.width,
        )
        return Refused(line, reason)
    try:
        own = {name: _own_value(name, row[place]) for name, place in columns.own if row[place].strip()}
    except ValueError as error:
        return Refused(line, str(error))
    own.pop("state", None)
    if NUL in "".join(row):
        return Refused(line, _("it holds a character that is none (NUL)"))
    info = json.dumps({name: typed(row[place]) for name, place in columns.info})
    if len(info) > LARGEST_INFO:
        return Refused(line, _("it is longer than 1 MiB"))
    return NewTask(line, info.decode(), **own)


def _own_value(name: str, text: str) -> Any:
    if name == "state":
        return text
    try:
        if not NUMBER.fullmatch(text.strip()):
            raise ValueError
        value = float(text) if name == "priority_0" else int(text)
    except ValueError:
        raise ValueError(_("%(name)s is “%(text)s”, not a number", name=name, text=_shortened(text))) from None
    if name == "n_answers" and not 1 <= value <= MOST_ANSWERS:
        raise ValueError(_("n_answers is %(value)s, not between 1 and 1,000", value=_shortened(text)))
    if name == "priority_0" and not 0 <= value <= 1:
        raise ValueError(_("priority_0 is %(value)s, not between 0 and 1", value=_shortened(text)))
    if name in ("quorum", "calibration") and abs(value) >= 2**31:
        raise ValueError(_("%(name)s is out of range", name=name))
    return value


def _shortened(text: str) -> str:
    """For a message, which is stored and shown."""
    return text.replace(NUL, "")[:40]


def typed(text: str) -> int | float | str:
    """A number where every program writes that number as this text; all else stays text: `1.10` and `1.0`, `007`, `-0`,
    `1e5`, `12345678901234567890`, and empty cells."""
    if not text or text[0] not in BEGINNINGS:
        return text
    if WHOLE.fullmatch(text):
        whole = int(text)
        return whole if abs(whole) <= LARGEST_WHOLE else text
    if DECIMAL.fullmatch(text):
        number = float(text)
        return number if repr(number) == text else text
    return text
