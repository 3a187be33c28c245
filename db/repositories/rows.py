"""Single rows by their id, of any model."""

from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from db.base import LARGEST_ID, Base
from db.errors import NotFound

Row = TypeVar("Row", bound=Base)


async def find_row(session: AsyncSession, model: type[Row], identity: int) -> Row | None:
    """The row of this id, or None."""
    return await session.get(model, identity) if 0 <= identity <= LARGEST_ID else None


async def get_row(session: AsyncSession, model: type[Row], identity: int) -> Row:
    """The row of this id. Raises NotFound."""
    row = await find_row(session, model, identity)
    if row is None:
        raise NotFound(model.__tablename__, id=identity)
    return row
