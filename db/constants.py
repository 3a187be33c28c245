"""Numbers that are written into statements.

PostgreSQL plans a prepared statement again each time, which may take longer than what it asks for, unless the plan for
any values seems as good as those for the values at hand. What is the same at each call should be no value then.
"""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Float, literal_column


def constant(value: float) -> ColumnElement[Any]:
    """The number, as a part of the statement."""
    return literal_column(repr(value), BigInteger() if isinstance(value, int) else Float())
