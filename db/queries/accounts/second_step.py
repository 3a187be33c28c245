"""What an account asks for beside its password."""

from collections.abc import Sequence

from sqlalchemy import delete, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import RecoveryCode, SecondStep

_LOCK = text("SELECT 1 FROM users WHERE id = :user FOR NO KEY UPDATE")


async def find(session: AsyncSession, user_id: int) -> SecondStep | None:
    """What its person has chosen, if anything."""
    found = select(SecondStep).where(SecondStep.user_id == user_id)
    return (await session.scalars(found.execution_options(populate_existing=True))).one_or_none()


async def lock(session: AsyncSession, user_id: int) -> None:
    """Whoever else changes the account's second step waits until this transaction ends."""
    await session.execute(_LOCK, {"user": user_id})


async def set_mail_codes(session: AsyncSession, user_id: int, *, on: bool) -> None:
    added = upsert(SecondStep).values(user_id=user_id, mail_codes=on)
    await session.execute(added.on_conflict_do_update(index_elements=[SecondStep.user_id], set_={"mail_codes": on}))


async def set_secret(session: AsyncSession, user_id: int, secret: str | None, last_step: int | None) -> None:
    """Have the authenticator app with this (encrypted) secret, or none."""
    values = {"secret": secret, "last_step": last_step}
    added = upsert(SecondStep).values(user_id=user_id, **values)
    await session.execute(added.on_conflict_do_update(index_elements=[SecondStep.user_id], set_=values))


async def use_step(session: AsyncSession, user_id: int, step: int) -> bool:
    """Use up the codes of this time step and of those before; False if they are already."""
    later = or_(SecondStep.last_step.is_(None), SecondStep.last_step < step)
    taken = update(SecondStep).where(SecondStep.user_id == user_id, later).values(last_step=step)
    return (await session.scalars(taken.returning(SecondStep.user_id))).one_or_none() is not None


async def remove(session: AsyncSession, user_id: int) -> None:
    """Ask for nothing beside the password any more; recovery codes go too."""
    await session.execute(delete(SecondStep).where(SecondStep.user_id == user_id))
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


async def count_codes(session: AsyncSession, user_id: int) -> int:
    """How many recovery codes are left."""
    found = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user_id)
    return (await session.scalars(found)).one()


async def replace_codes(session: AsyncSession, user_id: int, digests: Sequence[str]) -> None:
    """Have these recovery codes, and none of before."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    await session.execute(insert(RecoveryCode), [{"user_id": user_id, "digest": digest} for digest in digests])


async def use_code(session: AsyncSession, user_id: int, digest: str) -> bool:
    """Use the recovery code up; whether there was such a one."""
    gone = delete(RecoveryCode).where(RecoveryCode.user_id == user_id, RecoveryCode.digest == digest)
    return (await session.scalars(gone.returning(RecoveryCode.id))).first() is not None
