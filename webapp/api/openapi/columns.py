"""Columns of the models as JSON schemas: their types, lengths, and the checks that the database holds them to."""

from collections.abc import Iterable
from typing import Any

from db.base import most_of
from db.checks import NotEmpty, OneOf, Positive, check_of
from db.columns import Column, ColumnKind, bits_of, is_needed, kind_of
from webapp.api.described import Schema

MOMENT: Schema = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?$",
    "description": "UTC, without a zone",
    "examples": ["2026-01-31T12:30:00.123456"],
}


def _kind(column: Column[Any]) -> Schema:
    match kind_of(column):
        case ColumnKind.JSON:
            return {} if column.nullable else {"type": "object"}
        case ColumnKind.BOOLEAN:
            return {"type": "boolean"}
        case ColumnKind.INTEGER:
            most = 2 ** (bits_of(column) - 1) - 1
            return {"type": "integer", "minimum": -most - 1, "maximum": most}
        case ColumnKind.NUMBER:
            return {"type": "number"}
        case ColumnKind.DATETIME:
            return MOMENT
        case ColumnKind.DATE:
            return {"type": "string", "format": "date"}
        case ColumnKind.INTEGERS:
            return {"type": "array", "items": {"type": "integer"}}
        case ColumnKind.TEXT:
            return {"type": "string"} | ({} if (most := most_of(column)) is None else {"maxLength": most})


def _check(column: Column[Any]) -> Schema:
    """What the column is held to beyond its type."""
    match check_of(column):
        case NotEmpty():
            return {"minLength": 1}
        case Positive():
            return {"minimum": 1}
        case OneOf(words):
            return {"enum": list(words)}
        case None:
            return {}


def of_column(column: Column[Any]) -> Schema:
    """A value of this column, as it is stored and shown."""
    schema = _kind(column) | _check(column)
    if column.nullable and "type" in schema:
        schema |= {"type": [schema["type"], "null"]}
    return schema


def of_filter(column: Column[Any]) -> Schema:
    """A value of this column in the query string: texts of any length, as too long a one finds nothing and is not
    refused."""
    if kind_of(column) in (ColumnKind.BOOLEAN, ColumnKind.INTEGER, ColumnKind.NUMBER):
        return _kind(column)
    return {"type": "string"}


def needed(columns: Iterable[Column[Any]]) -> list[str]:
    """Those without which no row can be made."""
    return [one.key for one in columns if is_needed(one)]
