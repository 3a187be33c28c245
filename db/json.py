"""JSON in and out, in one place for the whole program: fast, and with every digit of every number.

orjson reads numbers as 64-bit integers or doubles. What fits neither is kept as a subclass of them that knows its own
text: it counts like any number, and is written as it came.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import orjson

JSONDecodeError = orjson.JSONDecodeError
Fragment = orjson.Fragment
OPT_PASSTHROUGH_DATETIME = orjson.OPT_PASSTHROUGH_DATETIME
OPT_PASSTHROUGH_DATACLASS = orjson.OPT_PASSTHROUGH_DATACLASS

OPTIONS = orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_NON_STR_KEYS
_LONG = b"0" * 17
"""Doubles keep all shorter numbers: 16 digits as integers, 15 beside a decimal point."""
_DIGITS = bytes(ord("0") if character in b"0123456789." else ord(" ") for character in range(256))
_LONGEST_WHOLE = 18
"""So many digits always fit into 64 bits."""


class LargeInteger(int):
    """An integer beyond 64 bits."""


class PreciseDecimal(float):
    """A decimal with more digits than a double keeps; `text` has them all."""

    text: str


def loads(text: str | bytes) -> Any:
    """The value of a JSON text. Raises JSONDecodeError for what is none, or is nested too deeply."""
    value = orjson.loads(text)
    raw = text.encode() if isinstance(text, str) else text
    return _precise(text) if _LONG in raw.translate(_DIGITS) else value


def loads_lines(lines: bytes) -> list[Any]:
    """The values of JSON texts, each on a line of its own: all at once, unless numbers need the slower way."""
    if n_long_numbers(lines):
        return [loads(line) for line in lines.removesuffix(b"\n").split(b"\n")]
    values: list[Any] = orjson.loads(b"[" + lines.removesuffix(b"\n").replace(b"\n", b",") + b"]")
    return values


def n_long_numbers(raw: bytes) -> int:
    """How many numbers, or runs of digits in texts, are so long that reading them takes the slower way; at least."""
    return raw.translate(_DIGITS).count(_LONG)


def plain(value: Any) -> Any:
    """The JSON form of these numbers, and of subclasses of what JSON knows. Raises TypeError for anything else."""
    if isinstance(value, LargeInteger):
        return Fragment(int.__repr__(value))
    if isinstance(value, PreciseDecimal):
        return Fragment(value.text)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, list | tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def or_text(value: Any) -> Any:
    """The same, and the text of what has no JSON form."""
    try:
        return plain(value)
    except TypeError:
        return str(value)


def dumps(value: Any, *, default: Callable[[Any], Any] = plain, option: int = 0) -> bytes:
    """The JSON of a value. `default` gives the form of what JSON does not know, and ends in `plain`; `option` adds to
    orjson's options. Raises TypeError."""
    return orjson.dumps(value, default=default, option=OPTIONS | option)


def _precise(text: str | bytes) -> Any:
    """The slower way, for what orjson has found to be valid."""
    try:
        return json.loads(text, parse_int=_integer, parse_float=_decimal)
    except RecursionError as error:
        raise JSONDecodeError("nested too deeply", "", 0) from error


def _integer(digits: str) -> int:
    number = int(digits)
    return number if len(digits) <= _LONGEST_WHOLE or -(2**63) <= number < 2**64 else LargeInteger(number)


def _decimal(text: str) -> float:
    number = float(text)
    # As JavaScript writes its numbers; comparing decimals takes ten times as long.
    if repr(number) == text or Decimal(repr(number)) == Decimal(text):
        return number
    precise = PreciseDecimal(number)
    precise.text = text
    return precise
