"""The query string of a list becomes a typed query (docs/contract/api.md 1.3 to 1.5)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any

from werkzeug.datastructures import MultiDict

from db import json
from db.base import most_of
from db.columns import Column, ColumnKind, bits_of, kind_of
from db.queries.reading.listing import InfoFilter, ListQuery
from webapp.api.arguments import FALSE_WORDS, TRUE_WORDS, boolean, whole_number
from webapp.errors import TooLarge, UnsupportedMedia
from webapp.http.json import parse_json

LIMIT, MOST = 20, 100
PAGING = frozenset({"limit", "offset", "last_id", "orderby", "desc"})
OTHER = frozenset({"all", "fulltextsearch", "related", "stats", "full", "participated", "external_uid", "api_key"})
GENERAL = PAGING | OTHER
OR_WITHIN = re.compile(r"\|(?=[^|]*::)")
"""The signs between pairs: those before a next key."""
MOST_PAIRS, MOST_WORDS, MOST_VALUES, MOST_IDS = 20, 40, 200, 500
"""What one filter may ask for: each of these costs a look at every row that the others leave."""
WORD = re.compile(r"\w+")
DIGITS = re.compile(r"[0-9]+")


@dataclass(frozen=True, slots=True)
class Columns:
    """What of a model a caller may filter and sort by: no hidden column may be guessed at by either."""

    class_name: str
    columns: Mapping[str, Column[Any]]

    def get(self, name: str) -> Column[Any]:
        """The column. Raises UnsupportedMedia (AttributeError) for one that there is not, or not for this caller."""
        column = self.columns.get(name)
        if column is None:
            raise no_attribute(self.class_name, name)
        return column


def no_attribute(class_name: str, name: str) -> UnsupportedMedia:
    return UnsupportedMedia(f"type object '{class_name}' has no attribute '{name}'", kind="AttributeError")


def _forgiving(text: str | None, default: int) -> int:
    """A number; what is none is the default, as in the original. Negative ones are refused."""
    try:
        number = int(text) if text is not None else default
    except ValueError:
        return default
    return whole_number(str(number))


def read_query(args: MultiDict[str, str], columns: Columns, *, own_only: bool) -> ListQuery:
    """The list that these arguments ask for. Raises UnsupportedMedia for an unknown or unusable one."""
    order = columns.get(args.get("orderby", "id")).key
    query: dict[str, Any] = {
        "limit": min(_forgiving(args.get("limit"), LIMIT), MOST),
        "offset": _forgiving(args.get("offset"), 0),
        "order": order,
        "descending": boolean(args.get("desc", "false")),
        "own_only": own_only,
        "fulltext": args.get("fulltextsearch") == "1" and "::" in args.get("info", ""),
    }
    if "last_id" in args:
        query["last_id"] = read_value(columns.get("id"), args["last_id"])
    equals: dict[str, Any] = {}
    for name, text in args.items():
        if name in GENERAL and name not in columns.columns:
            continue
        column = columns.get(name)
        if name == "info":
            query["info"] = read_info(text, fulltext=query["fulltext"])
        elif name == "project_id":
            query["any_of"] = {"project_id": _ids(text)}
        elif name == "created":
            query["created_prefix"] = text
        elif name != "fav_user_ids":
            equals[name] = _asked_for(column, text)
    return ListQuery(**query, equals=equals)


def _ids(text: str) -> list[int]:
    digits = DIGITS.findall(text)
    if len(digits) > MOST_IDS:
        raise UnsupportedMedia(f"project_id takes at most {MOST_IDS} numbers")
    return [whole_number(number) for number in digits]


def read_info(text: str, *, fulltext: bool = False) -> InfoFilter:
    """`key::value|key::value`, or JSON that must be contained; a bare word or number matches as string or number.

    In a search by words `|` is also their "or": what holds no `::` goes on with the expression before it.
    """
    if "::" in text:
        parts = OR_WITHIN.split(text) if fulltext else text.split("|")
        pairs = [tuple(part.split("::")) for part in parts if part]
        if any(len(pair) != 2 for pair in pairs):
            raise UnsupportedMedia("info takes key::value pairs, separated by |")
        if len(pairs) > MOST_PAIRS or (fulltext and len(WORD.findall(text)) > MOST_WORDS):
            raise UnsupportedMedia(f"info takes at most {MOST_PAIRS} pairs, and {MOST_WORDS} words to search for")
        return InfoFilter(pairs=tuple((key, value) for key, value in pairs))
    try:
        value = parse_json(text.encode(), most_values=MOST_VALUES)
    except json.JSONDecodeError:
        return InfoFilter(contains=(text,))
    if isinstance(value, dict | list):
        return InfoFilter(contains=(value,))
    return InfoFilter(contains=tuple(_scalars(value)))


def _scalars(value: Any) -> list[Any]:
    """The string and the number that a scalar may mean."""
    if isinstance(value, bool) or value is None:
        return [value, json.dumps(value).decode()]
    if isinstance(value, int | float):
        return [str(value), value]
    try:
        number = json.loads(value)
    except json.JSONDecodeError:
        return [value]
    return [value, number] if isinstance(number, int | float) else [value]


def _asked_for(column: Column[Any], text: str) -> Any:
    if kind_of(column) is not ColumnKind.JSON:
        return read_value(column, text)
    try:
        return parse_json(text.encode(), most_values=MOST_VALUES)
    except json.JSONDecodeError as error:
        raise UnsupportedMedia(f"{text!r} is no JSON, as {column.key} is", kind="DataError") from error


def read_value(column: Column[Any], given: Any) -> Any:
    """A value for this column, from text or JSON. Raises UnsupportedMedia (DataError) for one of another kind or a text
    that is too long, TooLarge for such a document."""
    if given is None:
        return given
    if kind_of(column) is ColumnKind.JSON:
        _check_document(column, given)
        return given
    try:
        value = _converted(column, given)
    except (ValueError, TypeError, OverflowError) as error:
        raise UnsupportedMedia(f"{given!r} is no value for {column.key}", kind="DataError") from error
    most = most_of(column)
    if most is not None and len(value) > most:
        raise UnsupportedMedia(f"{column.key} has at most {most:,} characters", kind="DataError")
    return value


def _check_document(column: Column[Any], given: Any) -> None:
    most = most_of(column)
    if most is not None and not isinstance(given, bool | int | float | None) and len(json.dumps(given)) > most:
        raise TooLarge(f"{column.key} has at most {most:,} bytes.")


def _converted(column: Column[Any], given: Any) -> Any:
    match kind_of(column):
        case ColumnKind.BOOLEAN:
            return _truth(given)
        case ColumnKind.INTEGER:
            return _whole(given, bits_of(column) - 1)
        case ColumnKind.NUMBER:
            return _finite(given)
        case ColumnKind.DATETIME:
            moment = datetime.fromisoformat(given)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        case ColumnKind.DATE:
            return date.fromisoformat(given)
        case ColumnKind.INTEGERS:
            return [_whole(item, 63) for item in given]
    return _text(given)


def _text(given: Any) -> str:
    if isinstance(given, dict | list):
        raise TypeError("not a text")
    text = str(given)
    if "\x00" in text:
        raise ValueError("a text holds no NUL")
    return text


def _whole(given: Any, bits: int) -> int:
    if isinstance(given, bool) or (isinstance(given, float) and not given.is_integer()):
        raise TypeError("not a whole number")
    number = int(given)
    if not -(2**bits) <= number < 2**bits:
        raise ValueError("out of range")
    return number


def _finite(given: Any) -> float:
    if isinstance(given, bool) or not isfinite(number := float(given)):
        raise ValueError("not a number")
    return number


def _truth(given: Any) -> bool:
    if isinstance(given, bool):
        return given
    word = str(given).lower()
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise ValueError("neither true nor false")
    return word in TRUE_WORDS
