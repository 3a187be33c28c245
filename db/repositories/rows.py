"""Single rows by their id, of any model."""

from collections.abc import Iterable
from typing import TypeVar

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.base import LARGEST_ID, Base
from db.errors import NotFound

Row = TypeVar("Row", bound=Base)


async def find_row(session: AsyncSession, model: type[Row], identity: int) -> Row | None:
    """The row of this id, or None."""
    return await session.get(model, identity) if 0 <= identity <= LARGEST_ID else None


async def find_rows(session: AsyncSession, model: type[Row], identities: Iterable[int]) -> dict[int, Row]:
    """Those rows that there are, by their ids."""
    possible = [number for number in identities if 0 <= number <= LARGEST_ID]
    key = inspect(model).primary_key[0]
    rows = (await session.execute(select(key, model).where(key.in_(possible)))).all()
    return {row[0]: row[1] for row in rows}


async def get_row(session: AsyncSession, model: type[Row], identity: int) -> Row:
    """The row of this id. Raises NotFound."""
    row = await find_row(session, model, identity)
    if row is None:
        raise NotFound(model.__tablename__, id=identity)
    return row
