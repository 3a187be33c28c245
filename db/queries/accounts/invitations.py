"""Invitations to make an account."""

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Invitation


async def use(session: AsyncSession, code: str) -> bool:
    """Use the invitation of this code once; whether there is one that is still good."""
    taken = (
        update(Invitation)
        .where(Invitation.code == code, Invitation.n_left > 0, Invitation.expires > func.now())
        .values(n_left=Invitation.n_left - 1)
        .returning(Invitation.id)
    )
    return (await session.scalars(taken)).one_or_none() is not None


async def is_good(session: AsyncSession, code: str) -> bool:
    """Whether `use` would succeed now."""
    good = select(Invitation.id).where(Invitation.code == code, Invitation.n_left > 0, Invitation.expires > func.now())
    return (await session.scalars(good)).one_or_none() is not None


async def pending(session: AsyncSession, *, limit: int) -> list[Invitation]:
    """Those that are still good, the latest first."""
    good = select(Invitation).where(Invitation.n_left > 0, Invitation.expires > func.now())
    return list((await session.scalars(good.order_by(Invitation.id.desc()).limit(limit))).all())


async def remove_spent(session: AsyncSession) -> None:
    """Remove those that are used up, or have expired."""
    await session.execute(delete(Invitation).where(or_(Invitation.n_left <= 0, Invitation.expires <= func.now())))
