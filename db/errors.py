"""What can go wrong in the database, in our words: `translate` finds them in the driver's errors.

Whatever `translate` does not know is a bug, and stays what it is.
"""

import re
from typing import Any, ClassVar

import asyncpg
from sqlalchemy import exc as sa
from sqlalchemy.orm import exc as orm


class DatabaseError(Exception):
    """An expected failure of the database."""


class NotFound(DatabaseError):
    """There is no such row."""

    def __init__(self, what: str, **key: object) -> None:
        self.what = what
        self.key = key
        described = ", ".join(f"{name}={value!r}" for name, value in key.items())
        super().__init__(f"no {what} with {described}" if described else f"no such {what}")


class ConstraintViolation(DatabaseError):
    """A constraint or a type refused a value. `constraint`, `table` and `columns` name it where they are known."""

    def __init__(
        self, message: str, *, constraint: str | None = None, table: str | None = None, columns: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.constraint = constraint
        self.table = table
        self.columns = columns


class Duplicate(ConstraintViolation):
    """Another row has this already, and only one may."""


class InUse(ConstraintViolation):
    """Other rows still refer to this one, so that it cannot go."""


class InvalidValue(ConstraintViolation):
    """A value of the wrong type or size, or one that a rule of its table refuses.

    `integrity` tells a broken rule (also a reference to a row that is not there) from what is no value at all.
    """

    def __init__(self, message: str, *, integrity: bool = False, **where: Any) -> None:
        super().__init__(message, **where)
        self.integrity = integrity


class TransientError(DatabaseError):
    """Others were in the way (deadlock, lock timeout, serialization): the same unit of work may be run again."""


class StaleVersion(TransientError):
    """What was remembered of a project is no longer so: read it again, and run the unit of work again."""


class DatabaseUnavailable(DatabaseError):
    """The database cannot be reached, or is starting or stopping."""


class AccessDenied(DatabaseError):
    """The database answers, and does not let us in: the role, its password or the database's name is wrong."""


class StatementTimeout(DatabaseError):
    """The statement was given up: it took longer than it may."""


class ResultTooLarge(DatabaseError):
    """The rows that were asked for are more than one answer may carry; `n_rows` would not be, where it is known."""

    def __init__(self, n_rows: int | None = None) -> None:
        self.n_rows = n_rows
        super().__init__("too many rows, or too large ones, to be read at once")


class ListTooLong(DatabaseError):
    """No index gives the list in the order of this column, and it has more than `most` rows, which would be sorted."""

    def __init__(self, column: str, most: int) -> None:
        self.column = column
        self.most = most
        super().__init__(f"more than {most} rows, to be sorted by {column}")


class SqlState:
    """The codes of PostgreSQL that we tell apart (its manual, appendix A)."""

    UNIQUE: ClassVar[str] = "23505"
    EXCLUSION: ClassVar[str] = "23P01"
    FOREIGN_KEY: ClassVar[str] = "23503"
    RESTRICT: ClassVar[str] = "23001"
    BUSY: ClassVar[frozenset[str]] = frozenset({"40001", "40P01", "55P03"})
    GIVEN_UP: ClassVar[str] = "57014"
    SYNTAX: ClassVar[str] = "42601"
    """Also that of an expression of words to search for; our own statements have no such errors."""
    OUTDATED: ClassVar[str] = "WB001"
    """Ours: raised by `workbee_stale_version`."""
    AWAY: ClassVar[frozenset[str]] = frozenset({"57P01", "57P02", "57P03", "53300"})


KEY_DETAIL = re.compile(r"\((?P<columns>.*?)\)=\(")
IDENTIFIER = re.compile(r'"?([a-z_][a-z0-9_]*)"?(?:::[a-z ]+)?\)*$')


def translate(exc: BaseException) -> DatabaseError | None:
    """Our error for one of the driver or of SQLAlchemy, by its class and code; None if it is not an expected
    failure."""
    if isinstance(exc, DatabaseError):
        return exc
    if isinstance(exc, sa.TimeoutError):
        return DatabaseUnavailable("no connection became free in time")
    if isinstance(exc, orm.StaleDataError):
        return TransientError("the row was deleted meanwhile")
    if isinstance(exc, sa.DBAPIError):
        if exc.orig is None:
            return None
        cause = exc.orig.__cause__ or exc.orig
        if exc.connection_invalidated and not isinstance(cause, asyncpg.PostgresError):
            return DatabaseUnavailable(str(cause))
        return from_driver(cause)
    return from_driver(exc)


def from_driver(exc: BaseException) -> DatabaseError | None:
    """Our error for one that asyncpg raised."""
    if isinstance(exc, asyncpg.PostgresError):
        return from_server(exc)
    if isinstance(exc, asyncpg.DataError | asyncpg.UnsupportedClientFeatureError):
        return InvalidValue(str(exc))
    if type(exc) is asyncpg.InternalClientError:
        # The server's last word on an idle connection is nonsense to the driver, which is out of step until it notices
        # that the connection is closed. Errors of its subclasses are something else.
        return DatabaseUnavailable(str(exc))
    return None


def refused_by_closed(connection: "asyncpg.Connection[Any]", exc: BaseException) -> DatabaseUnavailable | None:
    """Our error for one of the driver's, if it is because `connection` is closed; such errors have neither a code nor
    a class. SQLAlchemy finds this out by itself."""
    return DatabaseUnavailable(str(exc)) if isinstance(exc, asyncpg.InterfaceError) and connection.is_closed() else None


def from_server(exc: asyncpg.PostgresError) -> DatabaseError | None:
    """Our error for one that PostgreSQL reported, by its code."""
    state: str = exc.sqlstate or ""
    message = str(exc)
    where: dict[str, Any] = {
        "constraint": getattr(exc, "constraint_name", None),
        "table": getattr(exc, "table_name", None),
        "columns": columns_of(exc),
    }
    if state in SqlState.BUSY:
        return TransientError(message)
    if state == SqlState.OUTDATED:
        return StaleVersion(message)
    if state == SqlState.GIVEN_UP:
        return StatementTimeout(message)
    if state in SqlState.AWAY or state.startswith("08"):
        return DatabaseUnavailable(message)
    if state in (SqlState.UNIQUE, SqlState.EXCLUSION):
        return Duplicate(message, **where)
    if state == SqlState.RESTRICT or (state == SqlState.FOREIGN_KEY and not is_without_parent(**where)):
        return InUse(message, **where)
    if state.startswith("23"):
        return InvalidValue(message, integrity=True, **where)
    if state.startswith("22"):
        return InvalidValue(message, **where)
    return None


def is_without_parent(constraint: str | None, table: str | None, columns: tuple[str, ...]) -> bool:
    """Whether a broken foreign key means that the parent is missing, rather than that the row is in use.

    PostgreSQL has one code for both. But where the parent is missing, it tells of the columns that refer to it, which
    the constraint has its name from (`db.base.NAMING`), and otherwise of those that are referred to.
    """
    return (constraint or "").startswith(f"fk_{table}_{'_'.join(columns)}_")


def columns_of(exc: asyncpg.PostgresError) -> tuple[str, ...]:
    """The columns that an error is about; of an expression such as lower(email_addr), the column inside."""
    column = getattr(exc, "column_name", None)
    if column:
        return (str(column),)
    found = KEY_DETAIL.search(getattr(exc, "detail", None) or "")
    if not found:
        return ()
    names = (IDENTIFIER.search(part.strip()) for part in found["columns"].split(", "))
    return tuple(name[1] for name in names if name)
