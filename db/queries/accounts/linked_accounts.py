"""Accounts at other services by which accounts sign in."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import LinkedAccount

MOST_SHOWN = 100
"""An account has one of each provider; of those that the settings name no more, too."""


async def find(session: AsyncSession, provider: str, subject: str) -> LinkedAccount | None:
    """Whom this one at the provider signs in as, or None."""
    found = select(LinkedAccount).where(LinkedAccount.provider == provider, LinkedAccount.subject == subject)
    return (await session.scalars(found)).one_or_none()


async def of_user(session: AsyncSession, user_id: int) -> list[LinkedAccount]:
    """Those of an account, by provider."""
    found = select(LinkedAccount).where(LinkedAccount.user_id == user_id).order_by(LinkedAccount.provider)
    return list((await session.scalars(found.limit(MOST_SHOWN))).all())
