"""Who a credential belongs to: the few columns that every request needs."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Boolean, Integer, Text, column, text
from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Identity:
    """An account as a request sees it."""

    id: int
    name: str
    fullname: str
    email_addr: str
    locale: str
    admin: bool
    pro: bool
    avatar_url: str | None
    passwd_hash: str | None
    session_epoch: int


_COLUMNS = (
    column("id", BigInteger),
    column("name", Text),
    column("fullname", Text),
    column("email_addr", Text),
    column("locale", Text),
    column("admin", Boolean),
    column("pro", Boolean),
    column("avatar_url", Text),
    column("passwd_hash", Text),
    column("session_epoch", Integer),
)
_SELECT = """
SELECT id, name, fullname, email_addr, locale, admin, pro, info ->> 'avatar_url' AS avatar_url, passwd_hash,
session_epoch FROM users WHERE """
_BY_ID = text(_SELECT + "id = :value").columns(*_COLUMNS)
_BY_API_KEY = text(_SELECT + "api_key = :value").columns(*_COLUMNS)


async def by_id(session: AsyncSession, user_id: int) -> Identity | None:
    """The account of this id, or None."""
    row = (await session.execute(_BY_ID, {"value": user_id})).one_or_none()
    return Identity(*row) if row is not None else None


async def by_api_key(session: AsyncSession, key: str) -> Identity | None:
    """The account that this API key belongs to, or None."""
    row = (await session.execute(_BY_API_KEY, {"value": key})).one_or_none()
    return Identity(*row) if row is not None else None
