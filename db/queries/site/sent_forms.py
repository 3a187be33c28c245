"""Which forms have been sent before, decided by the database: of two at once the second waits for the first."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import SentForm

KEPT = timedelta(days=2)


async def begin(session: AsyncSession, key: str) -> str | None:
    """None if this is the first sending, which is noted until the transaction ends; otherwise the path that the first
    one led to."""
    note = insert(SentForm).values(key=key).on_conflict_do_nothing().returning(SentForm.key)
    if (await session.execute(note)).scalar_one_or_none() is not None:
        return None
    return (await session.execute(select(SentForm.target).where(SentForm.key == key))).scalar_one_or_none()


async def end(session: AsyncSession, key: str, target: str) -> None:
    """The sending has made what it should, and leads to this path."""
    await session.execute(update(SentForm).where(SentForm.key == key).values(target=target))


async def take_back(session: AsyncSession, key: str) -> None:
    """The sending has made nothing: it may come again."""
    await session.execute(delete(SentForm).where(SentForm.key == key))


async def forget(session: AsyncSession) -> None:
    """Nobody sends a form again after so long."""
    await session.execute(delete(SentForm).where(SentForm.created < datetime.now(UTC) - KEPT))
