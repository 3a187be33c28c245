"""Who a credential belongs to: the few columns that every request needs."""

from dataclasses import dataclass
from unicodedata import normalize

from db.batching import READING
from db.calls import reading
from db.executors import Executor


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
_LET_IN = "(suspended_until IS NULL OR suspended_until <= now())"
_BY_SIGN_IN = reading(
    f"{_SELECT} id = $1 AND {_LET_IN} AND NOT EXISTS (SELECT FROM revocation WHERE credential = $2)", "bigint", "text"
)
_BY_ADDRESS = reading("SELECT id FROM users WHERE lower(email_addr) = lower($1)", "text")
_BY_API_KEY = reading(f"{_SELECT} api_key = $1 AND {_LET_IN}", "text")


async def by_sign_in(executor: Executor, user_id: int, credential: str) -> Identity | None:
    """The account of this id, or None; none either once the credential of this fingerprint was revoked."""
    rows = await executor.call(_BY_SIGN_IN, user_id, credential, group=READING)
    return Identity(*rows[0]) if rows else None


async def by_api_key(executor: Executor, key: str) -> Identity | None:
    """The account that this API key belongs to, or None."""
    rows = await executor.call(_BY_API_KEY, key, group=READING)
    return Identity(*rows[0]) if rows else None


async def id_by_address(executor: Executor, email_addr: str) -> int | None:
    """The id of the account that the address is one of in the eyes of the database, or None.

    It takes some letters for others (`İ` for `i`), which do not sign in (`UserRepository.find_by_email`): guesses that
    are written so are guesses at that account all the same.
    """
    rows = await executor.call(_BY_ADDRESS, normalize("NFKC", email_addr).strip(), group=READING)
    return rows[0][0] if rows else None
