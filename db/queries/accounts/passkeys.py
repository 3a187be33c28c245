"""Passkeys of accounts."""

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Passkey


async def of_account(session: AsyncSession, user_id: int, *, limit: int) -> list[Passkey]:
    """The account's passkeys, the oldest first."""
    found = select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id).limit(limit)
    return list((await session.scalars(found)).all())


async def find_locked(session: AsyncSession, credential: str) -> Passkey | None:
    """The passkey of this id (base64url), which nobody else uses until this transaction ends."""
    found = select(Passkey).where(Passkey.credential == credential).with_for_update()
    return (await session.scalars(found)).one_or_none()


async def note_use(session: AsyncSession, passkey_id: int, sign_count: int) -> None:
    """It has been used, and says that it has signed so often."""
    values = {"sign_count": sign_count, "last_used": func.now()}
    await session.execute(update(Passkey).where(Passkey.id == passkey_id).values(**values))


async def remove(session: AsyncSession, user_id: int, passkey_id: int) -> str | None:
    """Remove this passkey of the account; its name, or None if there is no such passkey."""
    gone = delete(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user_id)
    return (await session.scalars(gone.returning(Passkey.name))).one_or_none()
