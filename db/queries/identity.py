"""Who a credential belongs to: the few columns that every request needs."""

from dataclasses import dataclass

from db.batching import READING, reading
from db.direct import Caller


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


_SELECT = """
SELECT id, name, fullname, email_addr, locale, admin, pro, info ->> 'avatar_url', passwd_hash, session_epoch
FROM users WHERE """
_BY_ID = reading(_SELECT + "id = $1", "bigint")
_BY_API_KEY = reading(_SELECT + "api_key = $1", "text")


async def by_id(caller: Caller, user_id: int) -> Identity | None:
    """The account of this id, or None."""
    rows = await caller.call(_BY_ID, user_id, group=READING)
    return Identity(*rows[0]) if rows else None


async def by_api_key(caller: Caller, key: str) -> Identity | None:
    """The account that this API key belongs to, or None."""
    rows = await caller.call(_BY_API_KEY, key, group=READING)
    return Identity(*rows[0]) if rows else None
