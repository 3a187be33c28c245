"""JSON files: an array of objects, or an object a line (NDJSON), read piece by piece. Each object is a task: those of
its keys that are named as a task's own columns are its own, as in CSV; what was exported as JSON comes back as it was.
"""

import codecs
import re
from collections.abc import Iterator
from itertools import islice
from json import JSONDecodeError, JSONDecoder
from typing import IO, Any

from db import json
from webapp.errors import Invalid
from webapp.i18n import format_number
from webapp.i18n import gettext as _
from webapp.services.importing.columns import TASK_COLUMNS
from webapp.services.importing.encodings import MARKS, Encoding, in_utf8
from webapp.services.importing.reading import MOST_COLUMNS, MOST_ROWS

LONGEST = 2 * 1024 * 1024
"""Characters of one object, in the file: twice what a task may have, for the spaces in it."""
PIECE = 256 * 1024
SAMPLE = 20
"""Objects that the columns of a preview are taken from."""
OF_A_TASK = frozenset(
    (*TASK_COLUMNS, "info", "id", "created", "project_id", "priority_0", "fav_user_ids", "exported", "user_pref")
)
"""Keys of a task in the API and in exports: an object of these alone, with an `info`, is one."""
BROKEN = object()
"""In place of a value that is no JSON."""
SPACE = re.compile(r"[ \t\r\n]*")
LINE = re.compile(r"[^\n]*\n?")
LONGEST_WORD = 1000
"""Characters before the end of what was read, of which a number or an escape may be a part."""
DECODER = JSONDecoder(parse_int=str, parse_float=str)
"""Only to find where a value ends: numbers of any length are nothing to it."""


class JsonRecords:
    """An open JSON file, with the face of a `Table`."""

    def __init__(self, file: IO[bytes]) -> None:
        """Read the first objects. Raises Invalid for a file that is empty, or begins with something else."""
        self.notes: list[str] = []
        self._file = file
        head = _head(file)
        self._encoding = next((Encoding(name) for mark, name in MARKS if head.startswith(mark)), Encoding("utf-8"))
        names: dict[str, None] = {}
        try:
            for _number, record in islice(self.records(), SAMPLE):
                names |= dict.fromkeys(_flat(record)) if isinstance(record, dict) else {}
        except Invalid:
            if not names:
                raise
        self.header = list(names)[:MOST_COLUMNS]

    def records(self) -> Iterator[tuple[int, Any]]:
        """Each value with its number, or `BROKEN`. Raises Invalid where the file is no JSON."""
        for number, text in enumerate(_values(in_utf8(self._file, self._encoding)), 1):
            if number > MOST_ROWS:
                most = format_number(MOST_ROWS)
                raise Invalid("file", _("The file has more than %(most)s rows: import it in parts.", most=most))
            yield number, BROKEN if text is None else _loaded(text)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each object with its number, as the cells of a table."""
        for number, record in self.records():
            shown = _flat(record) if isinstance(record, dict) else {}
            yield number, [_cell(shown.get(name)) for name in self.header]


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return BROKEN


def parts_of(record: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The info of a task, and its own columns."""
    own = {name: record[name] for name in TASK_COLUMNS if record.get(name) is not None}
    if "info" in record and record.keys() <= OF_A_TASK:
        return record["info"], own
    return {name: value for name, value in record.items() if name not in TASK_COLUMNS}, own


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    info, own = parts_of(record)
    return own | (info if isinstance(info, dict) else {"info": info})


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value).decode()


def _head(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(len(codecs.BOM_UTF32_LE))


def _broken(number: int) -> Invalid:
    return Invalid("file", _("This is no JSON: record %(number)s cannot be read.", number=number))


class _Text:
    """The characters of a file, some at a time."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.at = 0
        self.text = ""
        self.ended = False

    def more(self) -> bool:
        """Read on, if there is more. Raises Invalid for what is no text."""
        if self.ended:
            return False
        data = self._file.read(PIECE)
        self.ended = not data
        try:
            self.text = self.text[self.at :] + self._decoder.decode(data, final=self.ended)
        except UnicodeDecodeError:
            raise Invalid("file", _("The file is not in UTF-8.")) from None
        self.at = 0
        return True

    def skip(self, pattern: re.Pattern[str]) -> str:
        """What comes after that: a character, "" at the end."""
        while True:
            found = pattern.match(self.text, self.at)
            if found is not None and found.end() < len(self.text):
                self.at = found.end()
                return self.text[self.at]
            if not self.more():
                return ""


def _values(file: IO[bytes]) -> Iterator[str | None]:
    """The text of each value of an array, or of one after another; None for a line of those that is none. Raises
    Invalid where nothing can be read any more."""
    text = _Text(file)
    first = text.skip(SPACE)
    if not first:
        raise Invalid("file", _("Oops! It looks like the file is empty."))
    if first not in "[{":
        raise Invalid("file", _("This is no JSON: it begins neither with [ nor with {."))
    yield from _of_array(text) if first == "[" else _of_lines(text)


def _of_array(text: _Text) -> Iterator[str]:
    text.at += 1
    number, following = 0, text.skip(SPACE)
    while following != "]" or number:
        number += 1
        value = _value(text)
        if value is None:
            raise _broken(number)
        yield value
        following = text.skip(SPACE)
        if following == "]":
            break
        if following != ",":
            raise _broken(number + 1) if following else Invalid("file", _("This is no JSON: its list has no end."))
        text.at += 1
        text.skip(SPACE)
    text.at += 1
    if text.skip(SPACE):
        raise Invalid("file", _("This is no JSON: something comes after the list."))


def _of_lines(text: _Text) -> Iterator[str | None]:
    while text.skip(SPACE):
        value = _value(text)
        yield value
        if value is None:
            text.skip(LINE)


def _value(text: _Text) -> str | None:
    """The text of the value that begins here; None where there is none, or a longer one than a task can be."""
    while True:
        try:
            _found, end = DECODER.raw_decode(text.text, text.at)
        except RecursionError:
            return None
        except JSONDecodeError as error:
            # What is wrong well before the end of what is here stays wrong.
            is_cut = error.pos >= len(text.text) - LONGEST_WORD or "Unterminated" in error.msg
            if not is_cut or len(text.text) - text.at > LONGEST or not text.more():
                return None
            continue
        if end == len(text.text) and text.more():
            continue
        value = text.text[text.at : end]
        text.at = end
        return value
