"""Which lists of a model an index gives in their order, read from the model: all others have to be sorted."""

import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Index,
    PrimaryKeyConstraint,
    Select,
    Table,
    UniqueConstraint,
    and_,
    any_,
    func,
    inspect,
    literal,
)
from sqlalchemy.dialects.postgresql import array

Keys = tuple[tuple[str, bool], ...]
"""Names of columns, the first the most significant, each with whether it is descending."""
FEW_ROWS_FIRST = ("task_id", "user_id", "project_id")
"""Columns that lists are asked for by, the one of whose values the fewest rows have first."""
SORTED_COLUMN = re.compile(r"(\w+)( DESC)?")


def equal_in_order(column: Any, value: Any) -> ColumnElement[bool]:
    """The column has this value, for a statement that sorts by the column and then by what follows it in an index.

    A plain equality makes it a constant, by which the planner does not sort. It takes any index then that has what
    follows, the primary key for one, and walks past a million rows of other projects. For an array of one value all
    versions of PostgreSQL read the index in its order, and no other index has that.
    """
    typed = value if isinstance(value, ColumnElement) else literal(value, column.type)
    found: ColumnElement[bool] = column == any_(array([typed]))
    return found


def next_equal_in_order(column: Any, value: Any) -> ColumnElement[bool]:
    """The same for a column that is not the first of the index: there it is a range which keeps the order."""
    typed = literal(value, column.type)
    return and_(column >= typed, column <= typed)


def one_of(column: Any, ids: Select[*tuple[Any, ...]]) -> ColumnElement[bool]:
    """The column is one of the few values that the statement gives, which is run first: an IN may be planned as a walk
    through all rows that asks of each whether it is one."""
    found: ColumnElement[bool] = column == any_(func.array(ids.scalar_subquery(), type_=ARRAY(column.type)))
    return found


@cache
def sorted_indexes(model: Any) -> tuple[Keys, ...]:
    """The columns of every index that has all rows of the model in order, the longest first."""
    return tuple(sorted(_sorted_indexes(inspect(model).local_table), key=len, reverse=True))


def _sorted_indexes(table: Table) -> Iterator[Keys]:
    for constraint in sorted(table.constraints, key=lambda one: str(one.name)):
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint):
            yield tuple((column.name, False) for column in constraint.columns)
    for index in sorted(table.indexes, key=lambda one: str(one.name)):
        options = index.dialect_options["postgresql"]
        if options["using"] in (False, "btree") and options["where"] is None and (keys := _keys_of(index)):
            yield keys


def _keys_of(index: Index) -> Keys:
    """Empty for an index of expressions."""
    texts = (one.name if isinstance(one, Column) else str(one) for one in index.expressions)
    found = [SORTED_COLUMN.fullmatch(text) for text in texts]
    return tuple((one[1], one[2] is not None) for one in found if one) if all(found) else ()


def indexed_prefix(model: Any, given: Collection[str], order: Keys) -> Keys | None:
    """What stands before `order` in an index, all of it columns of which a value is given: within these values the
    index, read forwards or backwards, has the rows in order. None if no index is of use: where a column is given whose
    values few rows share, that is one which does not begin with it."""
    indexes = sorted_indexes(model)
    leading = {keys[0][0] for keys in indexes}
    first = next((name for name in FEW_ROWS_FIRST if name in given and name in leading), None)
    for keys in indexes:
        before, names = keys[: -len(order)], [name for name, _ in keys[: -len(order)]]
        if (first is None or names[:1] == [first]) and set(names) <= set(given):
            if keys[-len(order) :] == order:
                return before
            if keys[-len(order) :] == _backwards(order):
                return _backwards(before)
    return None


def _backwards(keys: Keys) -> Keys:
    return tuple((name, not descending) for name, descending in keys)
