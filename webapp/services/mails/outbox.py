"""Mails that wait: a row and a job, in the transaction of their cause, so that there is one if and only if that is
kept."""

from collections.abc import Mapping
from typing import Any

from db.models import Mail
from db.queries.site import jobs, mails
from db.repositories.rows import add_row
from db.session import AsyncSession
from webapp.integrations.queue import MAIL

SEND = "send_mail"
"""The job that sends one mail."""
GO_ON = "send_mailing"
"""The job that moves a bulk mail on."""
BULK_PRIORITY = -10
"""Mails to many leave after those that somebody waits for."""
MOST_ADMINISTRATORS = 50


async def post(
    session: AsyncSession, kind: str, *, user_id: int | None = None, topic: str | None = None, about: Mapping[str, Any]
) -> int:
    """Have a mail of this kind sent to the account, or to whom `about` names; its number."""
    row = await add_row(session, Mail(kind=kind, user_id=user_id, topic=topic, about=dict(about)))
    await jobs.defer(session, SEND, {"mail_id": row.id}, queue=MAIL, priority=0, lock=None, queueing_lock=None)
    return row.id


async def post_to_administrators(
    session: AsyncSession, kind: str, *, topic: str | None = None, about: Mapping[str, Any]
) -> None:
    """Have one sent to everybody who looks after the site."""
    for user_id in await mails.administrators(session, most=MOST_ADMINISTRATORS):
        await post(session, kind, user_id=user_id, topic=topic, about=about)


async def post_to_many(session: AsyncSession, kind: str, key: str, *, is_muted: bool = False, **about: Any) -> bool:
    """Have a mail of this kind sent to its audience, once for each `key`; `is_muted`: to nobody, now or later. False if
    that was begun before."""
    number = await mails.start_mailing(session, kind, key, about, is_muted=is_muted)
    if number is None:
        return False
    if is_muted:
        return True
    await jobs.defer(
        session,
        GO_ON,
        {"mailing_id": number},
        queue=MAIL,
        priority=BULK_PRIORITY,
        lock=None,
        queueing_lock=None,
    )
    return True
