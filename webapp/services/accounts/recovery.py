"""A new password for somebody who has forgotten theirs: a link by mail, good once and for a few hours.

The link's token names the account and a stamp of its present password, so that it is worth nothing once that has
changed; it shows neither the password's hash nor anything that leads to it (docs/contract/gaps.md 3.7). It is made
where the mail is sent, and never stored.
"""

from hmac import compare_digest
from hmac import new as new_hmac

from itsdangerous import BadSignature, URLSafeTimedSerializer

from db.models import User
from db.repositories.user import UserRepository
from db.session import AsyncSession
from webapp.config import Settings
from webapp.errors import Forbidden
from webapp.i18n import gettext as _
from webapp.services.accounts import accounts, linked_accounts
from webapp.services.accounts.passwords import Passwords
from webapp.services.mails import outbox

LINK_S = 18000
"""How long a link is good, in seconds."""
MAIL_KIND = "recovery"


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.key("password recovery"), salt="password recovery")


def _stamp(user: User, settings: Settings) -> str:
    """Changes with the password, and with the address that links are mailed to."""
    secret = f"{user.id}:{user.session_epoch}:{user.passwd_hash or ''}:{user.email_addr}"
    return new_hmac(settings.key("password recovery stamp"), secret.encode(), "sha256").hexdigest()[:24]


def new_token(user: User, settings: Settings) -> str:
    """What proves that its bearer reads the account's mail."""
    return str(_signer(settings).dumps([user.id, _stamp(user, settings)]))


async def account_of(session: AsyncSession, token: str, settings: Settings) -> User:
    """The account that this token gives a new password to. Raises Forbidden for one that is wrong, old or used."""
    refusal = Forbidden(_("This link is not valid any more. Ask for a new one."))
    try:
        number, stamp = _signer(settings).loads(token, max_age=LINK_S)
    except (BadSignature, ValueError, TypeError):
        raise refusal from None
    user = await UserRepository(session).find(int(number))
    if user is None or not compare_digest(str(stamp), _stamp(user, settings)):
        raise refusal
    return user


async def request_link(session: AsyncSession, email: str) -> None:
    """Have a link mailed to the account of this address, if there is one. Whether there is, nobody learns: the job
    that mails it finds out, so that the same is done here in either case."""
    await outbox.post(session, MAIL_KIND, about={"email_addr": email})


async def choose_password(
    session: AsyncSession, passwords: Passwords, user: User, new: str, *, keep_api_key: bool
) -> None:
    """Set the new password, which ends every session of the account and this link with them. The address is proven.

    Whoever knew a password before may have linked somebody of theirs: nobody is let in by another service any more. An
    account that had none is its person's by those services, and stays so.
    """
    if user.passwd_hash is not None:
        await linked_accounts.unlink_all(session, user)
    await accounts.set_password(session, passwords, user, new, keep_api_key=keep_api_key)
    user.valid_email = True
    await session.flush()
