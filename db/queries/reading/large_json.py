"""The JSON of whole lists, of which each row may have megabytes: what is small comes with its row, the rest after it,
as text that nobody parses, and only so much of it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer
from sqlalchemy.orm.attributes import set_committed_value

from db import json
from db.base import KIB, MIB
from db.errors import ResultTooLarge

SMALL_BYTES = 2000
"""What is no larger, and not compressed, has at most some hundred values."""
STORED_AT_ONCE = 64 * KIB
"""How much of it, as it is stored, is asked for at once: unpacked it may be a hundred times as large."""
MOST_FOR_ANYBODY = 8 * MIB
MOST_FOR_ACCOUNTS = 64 * MIB


class Allowance:
    """How much large JSON the lists of one request may still read, in bytes of its text."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._is_whole = True

    def take(self, size: int) -> bool:
        """Whether so much more may be read; the first one always, however large it is."""
        self._left -= size
        fits = self._left >= 0 or self._is_whole
        self._is_whole = False
        return fits


def with_json(statement: Select[Any], column: Any, value: ColumnElement[Any] | None = None) -> Select[Any]:
    """The statement with two more columns, which `fill` takes: `value` where it is small, and how large it is where it
    is not. It is that of the model's `column` where none is named."""
    shown = column if value is None else value
    size = func.pg_column_size(shown)
    is_small = and_(size <= SMALL_BYTES, func.pg_column_compression(shown).is_(None))
    return statement.options(defer(column)).add_columns(case((is_small, shown)), case((~is_small, size)))


async def fill(
    session: AsyncSession,
    column: Any,
    rows: Sequence[tuple[Any, Any, int | None]],
    allowance: Allowance,
    *,
    value: ColumnElement[Any] | None = None,
    read: Callable[[bytes], Any] = json.Fragment,
) -> None:
    """Give rows of `with_json` their JSON: each as `(row, small value, size of a large one)`. Large ones are JSON to be
    sent on, unless `read` makes something else of their text.

    Raises ResultTooLarge, with how many of the rows would have been allowed.
    """
    places = {}
    for place, (row, small, _) in enumerate(rows):
        set_committed_value(row, column.key, small)
        places[row.id] = place
    key = column.class_.id
    for ids in _portions([(row.id, size) for row, _, size in rows if size is not None]):
        text = cast(column if value is None else value, Text)
        rows_of_texts = (await session.execute(select(key, text).where(key.in_(ids)))).all()
        texts = {row[0]: row[1] for row in rows_of_texts}
        for identity in ids:
            if identity not in texts:
                continue  # removed meanwhile
            if not allowance.take(len(texts[identity])):
                raise ResultTooLarge(places[identity])
            set_committed_value(rows[places[identity]][0], column.key, read(texts[identity].encode()))


def _portions(sizes: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """The ids in their order, so many at a time as may be asked for at once."""
    portion: list[int] = []
    total = 0
    for identity, size in sizes:
        if portion and total + size > STORED_AT_ONCE:
            yield portion
            portion, total = [], 0
        portion.append(identity)
        total += size
    if portion:
        yield portion
