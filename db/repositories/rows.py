"""Single rows of any model: found by their id, added, changed and removed.

Rows of the session are written nowhere else: what is outside `db` neither adds to a session nor deletes from it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.base import LARGEST_ID, Base
from db.errors import NotFound, TransientError

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


async def add_row(session: AsyncSession, row: Row) -> Row:
    """Insert the row now, so that its id and defaults are known. Raises Duplicate, Missing and what else
    `db.errors` has."""
    session.add(row)
    await session.flush()
    return row


async def add_rows(session: AsyncSession, rows: Iterable[Base]) -> None:
    """As `add_row`, several; those that are there already stay as they are."""
    session.add_all(rows)
    await session.flush()


async def try_to_add(session: AsyncSession, row: Row) -> Row:
    """As `add_row`, in a savepoint: after an error the transaction can go on."""
    async with session.begin_nested():
        session.add(row)
    return row


async def change_row(session: AsyncSession, row: Base, values: Mapping[str, Any]) -> None:
    """Set these columns of the row now. Raises as `add_row` does."""
    for name, value in values.items():
        setattr(row, name, value)
    await session.flush()


async def try_to_change(session: AsyncSession, row: Base, values: Mapping[str, Any]) -> None:
    """As `change_row`, in a savepoint: after an error the row is as it was, and the transaction can go on."""
    try:
        async with session.begin_nested():
            for name, value in values.items():
                setattr(row, name, value)
    except Exception:
        await reload_row(session, row)
        raise


async def remove_row(session: AsyncSession, row: Base) -> None:
    """Delete the row now. Raises InUse where others need it."""
    await session.delete(row)
    await session.flush()


async def reload_row(session: AsyncSession, row: Base) -> None:
    """Read the row anew. Raises TransientError if somebody has deleted it."""
    await _read_anew(session, row)


async def lock_row(session: AsyncSession, row: Base) -> None:
    """Read the row anew, and keep others from changing it until the transaction ends. Raises TransientError if
    somebody has deleted it."""
    await _read_anew(session, row, {"key_share": True})


async def lock_row_wholly(session: AsyncSession, row: Base) -> None:
    """As `lock_row`, also against rows that would refer to it."""
    await _read_anew(session, row, True)


async def _read_anew(session: AsyncSession, row: Base, lock: bool | dict[str, bool] = False) -> None:
    await session.flush()
    key = inspect(row).identity
    if await session.get(type(row), key, populate_existing=True, with_for_update=lock or None) is None:
        raise TransientError("the row was deleted meanwhile")
