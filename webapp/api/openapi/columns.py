"""Columns of the models as JSON schemas: their types, lengths, and the checks that the database holds them to."""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, CheckConstraint, Column, Date, DateTime, Float, Integer, String
from sqlalchemy.dialects.postgresql import JSONB

from webapp.api.described import Schema

MOMENT: Schema = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?$",
    "description": "UTC, without a zone",
    "examples": ["2026-01-31T12:30:00.123456"],
}
ONE_OF = re.compile(r"^(\w+) IN \((.+)\)$")
GIVEN = re.compile(r"^(\w+) <> ''$")
POSITIVE = re.compile(r"^(\w+) > 0$")


def _kind(column: Column[Any]) -> Schema:
    kind = column.type
    if isinstance(kind, JSONB):
        return {} if column.nullable else {"type": "object"}
    if isinstance(kind, Boolean):
        return {"type": "boolean"}
    if isinstance(kind, Integer):
        bits = 64 if isinstance(kind, BigInteger) else 32
        return {"type": "integer", "minimum": -(2 ** (bits - 1)), "maximum": 2 ** (bits - 1) - 1}
    if isinstance(kind, Float):
        return {"type": "number"}
    if isinstance(kind, DateTime):
        return MOMENT
    if isinstance(kind, Date):
        return {"type": "string", "format": "date"}
    if isinstance(kind, ARRAY):
        return {"type": "array", "items": {"type": "integer"}}
    return _text(kind)


def _text(kind: Any) -> Schema:
    length = kind.length if isinstance(kind, String) else None
    return {"type": "string"} | ({} if length is None else {"maxLength": length})


def _checks(column: Column[Any]) -> Schema:
    """What the table's constraints say of this column alone."""
    found: Schema = {}
    for constraint in column.table.constraints:
        if not isinstance(constraint, CheckConstraint):
            continue
        rule = str(constraint.sqltext)
        if (match := ONE_OF.match(rule)) and match[1] == column.key:
            found["enum"] = re.findall(r"'([^']*)'", match[2])
        elif (match := GIVEN.match(rule)) and match[1] == column.key:
            found["minLength"] = 1
        elif (match := POSITIVE.match(rule)) and match[1] == column.key:
            found["minimum"] = 1
    return found


def of_column(column: Column[Any]) -> Schema:
    """A value of this column, as it is stored and shown."""
    schema = _kind(column) | _checks(column)
    if column.nullable and "type" in schema:
        schema |= {"type": [schema["type"], "null"]}
    return schema


def of_filter(column: Column[Any]) -> Schema:
    """A value of this column in the query string."""
    schema = {name: value for name, value in _kind(column).items() if name not in ("description", "examples")}
    if isinstance(column.type, JSONB | DateTime | Date | ARRAY):
        return {"type": "string"}
    return schema


def needed(columns: Iterable[Column[Any]]) -> list[str]:
    """Those without which no row can be made."""
    return [one.key for one in columns if not one.nullable and one.server_default is None and one.default is None]
