"""Columns of the models as those see them who know no SQL: what kind of value each holds, and what it is held to."""

from collections.abc import Mapping
from enum import Enum, auto
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Integer,
    inspect,
)
from sqlalchemy.dialects.postgresql import JSONB

__all__ = ["Column", "ColumnKind", "bits_of", "columns_of", "is_needed", "kind_of"]


class ColumnKind(Enum):
    """What a column holds."""

    JSON = auto()
    BOOLEAN = auto()
    INTEGER = auto()
    NUMBER = auto()
    DATETIME = auto()
    DATE = auto()
    INTEGERS = auto()
    TEXT = auto()


_KINDS = (
    (JSONB, ColumnKind.JSON),
    (Boolean, ColumnKind.BOOLEAN),
    (Integer, ColumnKind.INTEGER),
    (Float, ColumnKind.NUMBER),
    (DateTime, ColumnKind.DATETIME),
    (Date, ColumnKind.DATE),
    (ARRAY, ColumnKind.INTEGERS),
)


@cache
def kind_of(column: Column[Any]) -> ColumnKind:
    """The kind of the column's values."""
    return next((kind for of, kind in _KINDS if isinstance(column.type, of)), ColumnKind.TEXT)


def bits_of(column: Column[Any]) -> int:
    """How many bits an integer of this column has, its sign among them."""
    return 64 if isinstance(column.type, BigInteger) else 32


def is_needed(column: Column[Any]) -> bool:
    """Whether no row can be made without a value for it."""
    return not column.nullable and column.server_default is None and column.default is None


def columns_of(model: type[Any]) -> Mapping[str, Column[Any]]:
    """The columns of a model that are not marked as internal, by name."""
    table = inspect(model).local_table
    return MappingProxyType({column.key: column for column in table.columns if not column.info.get("internal")})
