"""What every repository can do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.base import Base
from db.errors import NotFound
from db.repositories.rows import add_row, find_row, get_row, reload_row, remove_row

Row = TypeVar("Row", bound=Base)
Item = TypeVar("Item")


MOST_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Slice(Generic[Item]):
    """Some of a longer list, and how long it is; of more than `MOST_COUNTED` rows behind these no more are counted."""

    items: list[Item]
    total: int


class Repository(Generic[Row]):
    """The rows of one table, over the session of a unit of work."""

    model: ClassVar[Any]

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get(self, identity: int) -> Row:
        """The row of this id. Raises NotFound."""
        row: Row = await get_row(self.session, self.model, identity)
        return row

    async def find(self, identity: int) -> Row | None:
        """The row of this id, or None."""
        row: Row | None = await find_row(self.session, self.model, identity)
        return row

    async def add(self, row: Row) -> Row:
        """Insert the row now, so that a broken rule is told here, and its id and defaults are known."""
        await add_row(self.session, row)
        await reload_row(self.session, row)
        return row

    async def remove(self, row: Row) -> None:
        """Delete the row now. Raises InUse where others need it."""
        await remove_row(self.session, row)

    async def find_where(self, *conditions: ColumnElement[bool]) -> Row | None:
        """The one row of which this is true, or None."""
        row: Row | None = (await self.session.scalars(select(self.model).where(*conditions))).one_or_none()
        return row

    async def get_where(self, **key: Any) -> Row:
        """The one row with these values. Raises NotFound."""
        row = await self.find_where(*(getattr(self.model, name) == value for name, value in key.items()))
        if row is None:
            raise NotFound(self.model.__tablename__, **key)
        return row

    async def slice_where(
        self, *conditions: ColumnElement[bool], order: Sequence[Any], limit: int, offset: int
    ) -> Slice[Row]:
        """A part of the rows of which this is true, and how many there are."""
        found = select(self.model).where(*conditions).order_by(*order).limit(limit).offset(offset)
        some = select(literal(1)).select_from(self.model).where(*conditions).limit(offset + limit + MOST_COUNTED)
        items = list((await self.session.scalars(found)).all())
        if len(items) < limit and (items or not offset):
            return Slice(items, offset + len(items))
        return Slice(items, (await self.session.scalars(select(func.count()).select_from(some.subquery()))).one())
