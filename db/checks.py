"""What the values of single columns are held to beyond their types: declared with the column, checked by the database
and told by the API's document.

`mapped_column(info=NOT_EMPTY)` is all: `db.base.Base` makes the constraint, named after the column.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Column

_KEY = "check"


@dataclass(frozen=True)
class NotEmpty:
    """A text of one character at least."""

    suffix: ClassVar[str] = "given"

    def sql(self, column: str) -> str:
        return f"{column} <> ''"


@dataclass(frozen=True)
class Positive:
    """A number above zero."""

    suffix: ClassVar[str] = "positive"

    def sql(self, column: str) -> str:
        return f"{column} > 0"


@dataclass(frozen=True)
class OneOf:
    """One of these words."""

    words: tuple[str, ...]
    suffix: ClassVar[str] = "known"

    def sql(self, column: str) -> str:
        words = ", ".join(f"'{word}'" for word in self.words)
        return f"{column} IN ({words})"


Check = NotEmpty | Positive | OneOf
NOT_EMPTY: dict[Any, Any] = {_KEY: NotEmpty()}
POSITIVE: dict[Any, Any] = {_KEY: Positive()}


def one_of(*words: str) -> dict[Any, Any]:
    """`mapped_column(info=one_of("queued", "done"))`: the column holds one of these words."""
    return {_KEY: OneOf(words)}


def check_of(column: "Column[Any]") -> Check | None:
    """What the column declares; None if anything of its type will do."""
    declared: Check | None = column.info.get(_KEY)
    return declared
