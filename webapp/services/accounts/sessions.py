"""The browsers in which somebody is signed in: listed, and ended one by one or all at once."""

from dataclasses import dataclass
from datetime import datetime

from db.models import User
from db.queries.accounts import revocation
from db.queries.accounts import sessions as queries
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.errors import NotFound
from webapp.i18n import gettext as _
from webapp.policies import Action, about_user, require
from webapp.services.accounts import credentials
from webapp.services.accounts.browsers import described

MOST_SHOWN = 50
FRESH_MINUTES = 10
"""For so long whoever has shown who they are is not asked again."""


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which the account is signed in. `id` is None for one of before they were written down."""

    id: int | None
    created: datetime | None
    browser: str
    system: str
    credential: str
    is_present: bool
    """Whether it is the one that asks."""


async def of_account(session: AsyncSession, actor: Actor, user: User, user_agent: str) -> list[Session]:
    """The latest sessions of the account, that of the caller first."""
    require(actor, Action.ACCOUNT_SECURE, about_user(user.id))
    rows = await queries.latest(session, user.id, limit=MOST_SHOWN)
    own = None if actor.by_key else actor.credential
    if own is not None and all(one.credential != own for one in rows):
        rows += [early] if (early := await queries.find(session, own)) is not None else []
    found = [
        Session(one.id, one.created, one.browser, one.system, one.credential, one.credential == own) for one in rows
    ]
    if own is not None and not any(one.is_present for one in found):
        found.append(Session(None, None, *described(user_agent), own, True))
    return sorted(found, key=lambda one: not one.is_present)


async def end(session: AsyncSession, actor: Actor, user: User, session_id: int) -> str:
    """Sign the account out there, and say where that was. Raises NotFound."""
    require(actor, Action.ACCOUNT_SECURE, about_user(user.id))
    credential = await queries.remove(session, user.id, session_id)
    if credential is None:
        raise NotFound(_("This session is over already."))
    await revocation.revoke_credential(session, credential)
    return credential


async def end_all(session: AsyncSession, actor: Actor, user: User) -> None:
    """Sign the account out everywhere. Its API key goes on."""
    require(actor, Action.ACCOUNT_SECURE, about_user(user.id))
    await credentials.end_sessions(session, user)


async def is_fresh(session: AsyncSession, actor: Actor) -> bool:
    """Whether the caller has shown who they are a moment ago. Whoever comes with a key has not."""
    if actor.by_key or actor.credential is None:
        return False
    return await queries.is_fresh(session, actor.credential, minutes=FRESH_MINUTES)


async def prove(session: AsyncSession, actor: Actor, user: User, user_agent: str) -> None:
    """The caller has just shown who they are."""
    require(actor, Action.ACCOUNT_SECURE, about_user(user.id))
    if actor.credential is not None and not actor.by_key:
        browser, system = described(user_agent)
        await queries.prove(session, user.id, actor.credential, browser=browser, system=system)
