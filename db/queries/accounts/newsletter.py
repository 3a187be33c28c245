"""Who wants the newsletter."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import NewsletterSubscriber, User

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Subscriber:
    """An account that wants it."""

    id: int
    email_addr: str
    fullname: str
    locale: str
    since: datetime


async def add(session: AsyncSession, user_id: int) -> bool:
    """The account wants it; False if it did before."""
    new = insert(NewsletterSubscriber).values(user_id=user_id).on_conflict_do_nothing()
    return (await session.scalars(new.returning(NewsletterSubscriber.user_id))).one_or_none() is not None


async def remove(session: AsyncSession, user_id: int) -> bool:
    """The account does not want it; False if it did not before."""
    gone = delete(NewsletterSubscriber).where(NewsletterSubscriber.user_id == user_id)
    return (await session.scalars(gone.returning(NewsletterSubscriber.user_id))).one_or_none() is not None


async def is_subscribed(session: AsyncSession, user_id: int) -> bool:
    """Whether the account wants it."""
    found = select(exists().where(NewsletterSubscriber.user_id == user_id))
    return bool((await session.scalars(found)).one())


async def subscribers_after(session: AsyncSession, last_id: int) -> list[Subscriber]:
    """The next accounts that want it, by id; not those whose data is not to be processed."""
    found = (
        select(User.id, User.email_addr, User.fullname, User.locale, NewsletterSubscriber.created)
        .join(NewsletterSubscriber, NewsletterSubscriber.user_id == User.id)
        .where(NewsletterSubscriber.user_id > last_id, ~User.restrict)
        .order_by(NewsletterSubscriber.user_id)
        .limit(CHUNK)
    )
    return [Subscriber(*row) for row in await session.execute(found)]
