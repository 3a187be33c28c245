"""Mails that wait, and bulk mails on their way through the recipients."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, bindparam, column, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Mail, Mailing

KEPT_DAYS = 60


async def lock_mail(session: AsyncSession, mail_id: int) -> Mail | None:
    """The mail, which nobody else can be sending until the transaction ends; None if it is gone."""
    return (await session.scalars(select(Mail).where(Mail.id == mail_id).with_for_update())).one_or_none()


async def add_mails(session: AsyncSession, kind: str, recipients: Sequence[tuple[int, Mapping[str, Any]]]) -> list[int]:
    """A mail of this kind to each account, with what it is about; their ids. Accounts that have gone meanwhile make it
    fail: the caller has read them in the same transaction, and locked them."""
    if not recipients:
        return []
    rows = [{"kind": kind, "user_id": user_id, "about": dict(about)} for user_id, about in recipients]
    return list((await session.scalars(insert(Mail).returning(Mail.id), rows)).all())


_TAKE_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")


async def was_written(session: AsyncSession, kind: str, topic: str, *, hours: int) -> bool:
    """Whether there was a mail of this kind and topic in the last hours. Whoever asks at the same moment waits until
    this transaction has ended, and sees what was written in it."""
    await session.execute(_TAKE_TURN, {"key": f"mail:{kind}:{topic}"})
    since = func.now() - func.make_interval(0, 0, 0, 0, hours)
    found = select(Mail.id).where(Mail.kind == kind, Mail.topic == topic, Mail.created > since).limit(1)
    return (await session.scalars(found)).one_or_none() is not None


async def forget_sent(session: AsyncSession) -> None:
    """Remove what was sent long ago, and what could not be; but for warnings, without which no account is removed."""
    is_old = Mail.created < func.now() - func.make_interval(0, 0, 0, KEPT_DAYS)
    await session.execute(delete(Mail).where(is_old, or_(Mail.sent.is_not(None), Mail.kind != "inactive")))


async def start_mailing(
    session: AsyncSession, kind: str, key: str, about: Mapping[str, Any], *, is_muted: bool = False
) -> int | None:
    """The id of a new bulk mail, which has ended already if it is muted; None if there was one of this key."""
    values = {"kind": kind, "key": key, "about": dict(about) | ({"muted": True} if is_muted else {})}
    finished = func.now() if is_muted else None
    new = insert(Mailing).values(**values, finished=finished).on_conflict_do_nothing().returning(Mailing.id)
    return (await session.scalars(new)).one_or_none()


async def is_under_way(session: AsyncSession, key: str) -> bool:
    """Whether there is a bulk mail of this key that is not muted."""
    found = select(Mailing.id).where(Mailing.key == key, ~Mailing.about.has_key("muted"))
    return (await session.scalars(found)).one_or_none() is not None


_MAILINGS = text("""
SELECT count(*) FROM mailing
WHERE kind = :kind AND created > now() - make_interval(hours => :hours) AND about ->> 'project_id' = :project
  AND NOT about ? 'muted'
""")


async def n_mailings(session: AsyncSession, kind: str, project_id: int, *, hours: int) -> int:
    """How many bulk mails of this kind about the project were begun in the last hours."""
    found = await session.scalars(_MAILINGS, {"kind": kind, "project": str(project_id), "hours": hours})
    return int(found.one())


async def lock_mailing(session: AsyncSession, mailing_id: int) -> Mailing | None:
    """The bulk mail, which nobody else can be moving on until the transaction ends."""
    return (await session.scalars(select(Mailing).where(Mailing.id == mailing_id).with_for_update())).one_or_none()


_ADMINISTRATORS = text("""
SELECT id FROM users WHERE admin AND NOT restrict ORDER BY id LIMIT :most
""").columns(column("id", BigInteger))


async def administrators(session: AsyncSession, *, most: int) -> list[int]:
    """The ids of those who look after the site, the oldest accounts first."""
    return list((await session.scalars(_ADMINISTRATORS, {"most": most})).all())


_UNSUBSCRIBE = text("UPDATE users SET subscribed = false WHERE id = :user AND subscribed").bindparams(bindparam("user"))


async def unsubscribe(session: AsyncSession, user_id: int) -> None:
    """The account wants no mails that it has not asked for."""
    await session.execute(_UNSUBSCRIBE, {"user": user_id})
