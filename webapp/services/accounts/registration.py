"""Joining by mail: an account is made once whoever wants it has opened a link that was mailed to its address.

So nobody learns by joining which addresses have accounts: all are answered "look into your mail", and the same is done
for each. What was asked for travels in the link, encrypted; it is kept with the mail until that is sent, and nowhere
else.
"""

import json
from dataclasses import asdict, dataclass

from cryptography.fernet import InvalidToken

from db.models import User
from db.repositories.user import UserRepository
from db.session import AsyncSession
from webapp.config import Settings
from webapp.errors import Forbidden
from webapp.i18n import current_locale
from webapp.i18n import gettext as _
from webapp.integrations.providers import ProviderIdentity
from webapp.services.accounts import accounts, linked_accounts
from webapp.services.accounts.accounts import NewAccount
from webapp.services.accounts.passwords import Passwords
from webapp.services.mails import outbox

LINK_S = 18000
"""How long a link is good, in seconds."""
MAIL_KIND = "registration"


@dataclass(frozen=True, slots=True)
class Wish:
    """An account that somebody asked for."""

    fullname: str
    name: str
    email_addr: str
    passwd_hash: str | None
    """None of somebody who signs in by another service."""
    consent: bool
    locale: str
    volunteer: str | None
    """The contributor key under which the asking browser has answered until now."""
    identity: str = ""
    """Who they are at that service."""


def opened(token: str, settings: Settings) -> Wish:
    """What this token asks for. Raises Forbidden for one that is wrong or old."""
    try:
        return Wish(**json.loads(settings.cipher("registration").decrypt(token, ttl=LINK_S)))
    except (InvalidToken, ValueError, TypeError):
        raise Forbidden(_("This link is not valid any more.")) from None


async def ask(
    session: AsyncSession,
    passwords: Passwords,
    settings: Settings,
    account: NewAccount,
    volunteer: str | None,
    *,
    known: ProviderIdentity | None = None,
) -> None:
    """Have a letter sent to the address; whoever is `known` to another service has no password. Raises
    Invalid for a name that is taken; of the address nothing is asked."""
    checked = await accounts.checked(session, account)
    wish = Wish(
        fullname=checked.fullname,
        name=checked.name,
        email_addr=checked.email_addr,
        passwd_hash=await passwords.hash(account.password) if known is None else None,
        consent=account.consent,
        locale=current_locale(),
        volunteer=volunteer,
        identity=known.identity if known is not None else "",
    )
    token = settings.cipher("registration").encrypt(json.dumps(asdict(wish)).encode()).decode()
    await outbox.post(session, MAIL_KIND, about={"token": token})


async def confirm(session: AsyncSession, token: str, settings: Settings, known: ProviderIdentity | None = None) -> User:
    """Make the account that the token asks for. Raises Forbidden for a link that is wrong, old or used, and Invalid
    where somebody else has taken the name meanwhile.

    Whoever asked by another service is `known` in the browser that asked. Elsewhere the link makes nothing: somebody
    who reads the address would give an account with it to a stranger.
    """
    wish = opened(token, settings)
    if wish.identity and (known is None or known.identity != wish.identity):
        raise Forbidden(_("Open this link in the browser in which you asked for the account."))
    if await UserRepository(session).find_by_email(wish.email_addr) is not None:
        raise Forbidden(_("This link was used already: sign in."))
    account = NewAccount(wish.fullname, wish.name, wish.email_addr, "", wish.consent)
    user = await accounts.add(session, account, wish.passwd_hash, wish.volunteer)
    if wish.identity and known is not None:
        await linked_accounts.link(session, settings, user, known)
    return user


def look_at(token: str, settings: Settings) -> None:
    """Return if the token may be used. Raises Forbidden."""
    opened(token, settings)
