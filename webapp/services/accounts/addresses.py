"""Confirming that an address is its account's: by a link that is mailed there, good for some hours.

The link's key names the account, the address, and a stamp of what the account was when it was made: another password,
another address or an end of its sessions makes it worth nothing. A changed address is kept once its link was opened by
whoever is signed in with the account: one that was mistyped gives a stranger nothing.
"""

from hmac import compare_digest
from hmac import new as new_hmac

from itsdangerous import BadSignature, URLSafeTimedSerializer

from db.models import User
from db.repositories.rows import change_row
from db.repositories.user import UserRepository
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.config import Settings
from webapp.errors import Forbidden, Unauthorized
from webapp.i18n import gettext as _
from webapp.policies import Action, about_user, require
from webapp.services.accounts import accounts
from webapp.services.mails import outbox
from webapp.services.site import admin_record

LINK_S = 18000
"""How long a link is good, in seconds."""
MAIL_KIND = "confirm_address"
NOTICE_KIND = "address_changes"


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.key("confirm address"), salt="confirm address")


def _stamp(user: User, settings: Settings) -> str:
    secret = f"{user.id}:{user.session_epoch}:{user.passwd_hash or ''}:{user.email_addr}"
    return new_hmac(settings.key("confirm address stamp"), secret.encode(), "sha256").hexdigest()[:24]


def new_token(user: User, email_addr: str, settings: Settings, *, needs_sign_in: bool) -> str:
    """What proves that its bearer reads the mail of this address."""
    return str(_signer(settings).dumps([user.id, email_addr, int(needs_sign_in), _stamp(user, settings)]))


async def ask_to_confirm(session: AsyncSession, actor: Actor, user: User) -> bool:
    """Have a link mailed to the account's present address; False if that is confirmed already."""
    require(actor, Action.USER_UPDATE, about_user(user.id))
    if user.valid_email:
        return False
    await change_row(session, user, {"confirmation_email_sent": True})
    await outbox.post(
        session, MAIL_KIND, user_id=user.id, about={"email_addr": user.email_addr, "needs_sign_in": False}
    )
    if actor.user_id != user.id:
        await admin_record.note(session, actor, "send confirmation", "user", user.id, user.name)
    return True


async def ask_to_change(session: AsyncSession, actor: Actor, user: User, email_addr: str) -> None:
    """Have a link mailed to the address that the account is to have, and the old one told of it. Whether somebody else
    has it, nobody learns but whoever reads its mail."""
    require(actor, Action.ACCOUNT_UPDATE, about_user(user.id))
    kept, is_own = accounts.kept_address(email_addr), actor.user_id == user.id
    await change_row(session, user, {"confirmation_email_sent": True})
    # An administrator helps whoever cannot sign in any more.
    await outbox.post(session, MAIL_KIND, user_id=user.id, about={"email_addr": kept, "needs_sign_in": is_own})
    await outbox.post(session, NOTICE_KIND, user_id=user.id, about={"old": user.email_addr, "new": kept})


def looks_like_one(token: str, settings: Settings) -> bool:
    """Whether it is a key of ours, however old: that of a new account is none."""
    return _signer(settings).loads_unsafe(token)[0]


async def opened(session: AsyncSession, token: str, settings: Settings) -> tuple[User, str, bool]:
    """The account, the address, and whether its person has to be signed in. Raises Forbidden for a key that is wrong,
    old or used."""
    refusal = Forbidden(_("This link is not valid any more."))
    try:
        number, email_addr, needs_sign_in, stamp = _signer(settings).loads(token, max_age=LINK_S)
    except (BadSignature, ValueError, TypeError):
        raise refusal from None
    user = await UserRepository(session).find(int(number))
    if user is None or not compare_digest(str(stamp), _stamp(user, settings)):
        raise refusal
    if user.valid_email and user.email_addr == email_addr:
        raise refusal
    return user, str(email_addr), bool(needs_sign_in)


async def confirm(session: AsyncSession, actor: Actor, token: str, settings: Settings) -> User:
    """The address is the account's, and confirmed. Raises Forbidden, Unauthorized for whoever has to sign in first, and
    Invalid where somebody else has the address meanwhile."""
    user, email_addr, needs_sign_in = await opened(session, token, settings)
    if needs_sign_in and actor.user_id != user.id:
        raise Unauthorized
    await accounts.set_address(session, user, email_addr)
    return user
