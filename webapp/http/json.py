"""JSON in and out through orjson: times as the original shows them, view-models as plain data."""

import gc
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from itertools import accumulate
from typing import Any

from quart.json.provider import JSONProvider

from db import json
from webapp.errors import TooLarge, UnsupportedMedia

OPTIONS = json.OPT_PASSTHROUGH_DATETIME | json.OPT_PASSTHROUGH_DATACLASS


def iso_time(moment: datetime) -> str:
    """Naive UTC ISO text with microseconds, as every client of the API expects (docs/contract/api.md 1.6)."""
    zone = moment.tzinfo
    if zone is UTC:  # as all that come from the database
        return moment.isoformat()[:-6]
    return (moment.astimezone(UTC).replace(tzinfo=None) if zone else moment).isoformat()


def plain(value: Any) -> Any:
    """The JSON form of what orjson does not know: times, view-models, sets and text subclasses."""
    if isinstance(value, datetime):
        return iso_time(value)
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "to_json"):
        return value.to_json()
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in fields(value)}
    if isinstance(value, frozenset | set):
        return list(value)
    return json.plain(value)


def dumps(value: Any) -> bytes:
    return json.dumps(value, default=plain, option=OPTIONS)


MOST_VALUES = 250_000
"""How many values, keys and containers a JSON document may have: read, each takes up to 100 bytes."""
MOST_LONG_NUMBERS = 50_000
"""How many numbers may have more digits than a double keeps: each is looked at on its own."""
DEEPEST = 100
"""How deep JSON may be nested: what is written into a row must still be shown inside of lists of rows with others."""
MARKS = (b",", b":", b"[", b"{")
"""The signs of which each value has at least one before it, but for the first."""
STEPS = bytes.maketrans(b"[{]}", array("b", [1, 1, -1, -1]).tobytes())
NO_BRACKETS = bytes(character for character in range(256) if character not in b"[{]}")


def parse_json(raw: bytes, *, most_values: int = MOST_VALUES) -> Any:
    """Any JSON. Raises JSONDecodeError; TooLarge for more than so many values, before they are made; UnsupportedMedia
    for what is nested too deeply."""
    if len(raw) > most_values and _has_more_values(raw, most_values):
        raise TooLarge(f"JSON may have {most_values:,} values.")
    if len(raw) > MOST_LONG_NUMBERS * 17 and json.n_long_numbers(raw) > MOST_LONG_NUMBERS:
        raise TooLarge(f"JSON may have {MOST_LONG_NUMBERS:,} numbers of more than 16 digits.")
    with _without_collections():
        document = json.loads(raw)
    # What has few brackets in all needs no closer look.
    if raw.count(b"[") + raw.count(b"{") > DEEPEST and _depth(raw) > DEEPEST:
        raise UnsupportedMedia(f"JSON may be nested {DEEPEST} levels deep")
    return document


@contextmanager
def _without_collections() -> Iterator[None]:
    """No search for cycles: reading JSON makes none, and a hundred thousand new lists would have it search all that the
    program holds, again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _has_more_values(raw: bytes, most: int) -> bool:
    if _n_marks(raw) < most:
        return False
    # Some may be inside of texts.
    bare = _without_escapes(raw)
    return bare.count(b'"') > 2 * most or _n_marks(_outside_of_texts(bare)) >= most


def _n_marks(raw: bytes) -> int:
    return sum(raw.count(mark) for mark in MARKS)


def _depth(raw: bytes) -> int:
    """How many containers of this valid JSON are at most inside of each other."""
    steps = _outside_of_texts(_without_escapes(raw)).translate(STEPS, NO_BRACKETS)
    return max(accumulate(array("b", steps)), default=0)


def _without_escapes(raw: bytes) -> bytes:
    """The same JSON with quotes only at both ends of its texts."""
    return raw.replace(rb"\\", b"").replace(rb"\"", b"")


def _outside_of_texts(bare: bytes) -> bytes:
    return b"".join(bare.split(b'"')[::2])


class OrjsonProvider(JSONProvider):
    """Quart's JSON through json."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return dumps(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return parse_json(s.encode() if isinstance(s, str) else s)
