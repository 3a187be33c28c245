"""The second step of signing in: a code of an authenticator app, one that is mailed, or a recovery code.

After the right password a token stands for it, for five minutes and some tries (docs/contract/pages.md 3,
`otpvalidation`). Mailed codes follow from a number that is drawn for each and from the site's key, so that neither the
job that mails one nor anything stored holds it.
"""

import logging
import secrets
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from hmac import new as new_hmac
from time import time
from typing import Literal

import pyotp
from cryptography.fernet import InvalidToken

from db.models import SecondStep, User
from db.queries.accounts import second_step as queries
from db.repositories.user import UserRepository
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.config import Settings
from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.integrations.short_lived import ShortLived
from webapp.policies import Action, about_user, require
from webapp.services.mails import outbox
from webapp.services.site import admin_record

log = logging.getLogger(__name__)
CODE_S = 300
"""How long a token, and a mailed code, are good, in seconds."""
MOST_TRIES = 5
"""Wrong codes after one password."""
STEP_S = 30
"""How long each code of an authenticator app is shown, in seconds."""
SETUP_S = 900
"""How long somebody may take to set an app up, in seconds."""
N_RECOVERY_CODES = 10
RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Without letters and digits that look like others."""
Kind = Literal["app", "mailed code", "recovery code"]
MAIL_KIND = "sign_in_code"


@dataclass(frozen=True, slots=True)
class SecondStepMethods:
    """What may follow the password; nothing has to where both are False."""

    app: bool = False
    mail: bool = False

    @property
    def any(self) -> bool:
        return self.app or self.mail


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the person of an account has chosen."""

    app: bool = False
    mail_codes: bool = False
    n_recovery_codes: int = 0

    @property
    def any(self) -> bool:
        return self.app or self.mail_codes


@dataclass(frozen=True, slots=True)
class Challenge:
    """A right password that waits for its second step."""

    token: str
    user: User
    nonce: str | None
    """Of the code that was mailed last."""


def _ways(chosen: SecondStep | None, settings: Settings) -> SecondStepMethods:
    """An app takes the place of mail: whoever reads somebody's mail is not let in by that alone."""
    if chosen is not None and chosen.secret is not None:
        return SecondStepMethods(app=True)
    wanted = settings.two_factor or (chosen is not None and chosen.mail_codes)
    # Where no mail can be sent nobody could come in.
    return SecondStepMethods(mail=wanted and settings.confirms_addresses)


async def methods_of(session: AsyncSession, settings: Settings, user: User) -> SecondStepMethods:
    """What has to follow the right password of this account."""
    return _ways(await queries.find(session, user.id), settings)


async def chosen_by(session: AsyncSession, user: User) -> Chosen:
    """What its person has chosen."""
    row = await queries.find(session, user.id)
    if row is None:
        return Chosen()
    return Chosen(row.secret is not None, row.mail_codes, await queries.count_codes(session, user.id))


# Signing in


def _key(token: str) -> str:
    return f"otp:{sha256(token.encode()).hexdigest()}"


async def begin(session: AsyncSession, short_lived: ShortLived, user: User, ways: SecondStepMethods) -> str:
    """The token of a sign-in that waits for its second step; a code is mailed where that is the way."""
    token = secrets.token_urlsafe(24)
    await _keep(session, short_lived, user, token, mails=ways.mail)
    return token


async def _keep(session: AsyncSession, short_lived: ShortLived, user: User, token: str, *, mails: bool) -> None:
    nonce = secrets.token_urlsafe(12) if mails else None
    value = {"user": user.id, "epoch": user.session_epoch, "nonce": nonce}
    await short_lived.put(_key(token), value, seconds=CODE_S)
    if nonce is not None:
        until = int(time()) + CODE_S
        await outbox.post(session, MAIL_KIND, user_id=user.id, about={"nonce": nonce, "until": until})


async def mail_again(session: AsyncSession, short_lived: ShortLived, challenge: Challenge) -> None:
    """Mail another code, which takes the place of the one before."""
    await _keep(session, short_lived, challenge.user, challenge.token, mails=True)


async def find_challenge(session: AsyncSession, short_lived: ShortLived, token: str) -> Challenge | None:
    """The sign-in that this token stands for; None if it has run out, or the password has changed since."""
    kept = await short_lived.get(_key(token))
    if kept is None:
        return None
    user = await UserRepository(session).find(int(kept["user"]))
    if user is None or user.session_epoch != kept["epoch"]:
        return None
    return Challenge(token, user, kept["nonce"])


async def answer(
    session: AsyncSession, short_lived: ShortLived, settings: Settings, challenge: Challenge, code: str
) -> Kind | None:
    """What kind of code it is, if it is right: it and the token are used up then. After some wrong ones the token is
    worth nothing, the right code neither."""
    key = _key(challenge.token)
    if (tries := await short_lived.count(f"{key}:tries", seconds=CODE_S)) > MOST_TRIES:
        return None
    kind = await _kind_of(session, settings, challenge, code)
    if kind is None:
        if tries == MOST_TRIES:
            await short_lived.drop(key)
        return None
    # Of two who answer at once one has the token.
    return kind if await short_lived.take(key) is not None else None


async def has_tries_left(short_lived: ShortLived, challenge: Challenge) -> bool:
    """Whether the token is still good for another try."""
    return await short_lived.get(_key(challenge.token)) is not None


async def _kind_of(session: AsyncSession, settings: Settings, challenge: Challenge, code: str) -> Kind | None:
    user, typed = challenge.user, plain_code(code)
    if challenge.nonce is not None and _same(typed, mailed_code(settings, user.id, challenge.nonce)):
        return "mailed code"
    chosen = await queries.find(session, user.id)
    if chosen is not None and (secret := _secret_of(settings, chosen)) is not None:
        step = _step_of(secret, typed, int(time()) // STEP_S)
        if step is not None:
            return "app" if await queries.use_step(session, user.id, step) else None
    used = await queries.use_code(session, user.id, _digest(settings, user.id, typed))
    return "recovery code" if used else None


def _secret_of(settings: Settings, chosen: SecondStep) -> str | None:
    """The app's secret; None without one, and where the site's key is not that which it was sealed with."""
    try:
        return _opened(settings, "authenticator", chosen.secret) if chosen.secret is not None else None
    except InvalidToken:
        log.warning("an authenticator app's secret cannot be read: WORKBEE_SECRET_KEY has changed")
        return None


def plain_code(code: str) -> str:
    """A code as it is compared: however somebody has copied it."""
    return "".join(code.split()).replace("-", "").lower()


def _same(typed: str, right: str) -> bool:
    return compare_digest(typed.encode(), right.encode())


def _step_of(secret: str, typed: str, now: int) -> int | None:
    """The time step of which this is the code: the present one, or one beside it for clocks that go wrong."""
    made = pyotp.TOTP(secret, interval=STEP_S)
    return next((step for step in (now, now - 1, now + 1) if _same(typed, made.generate_otp(step))), None)


def mailed_code(settings: Settings, user_id: int, nonce: str) -> str:
    """The code that belongs to this number of this account: six digits."""
    drawn = new_hmac(settings.key("sign-in code"), f"{user_id}:{nonce}".encode(), "sha256").digest()
    return f"{int.from_bytes(drawn) % 10**6:06d}"


# Choosing


def _sealed(settings: Settings, purpose: str, text: str) -> str:
    return settings.cipher(purpose).encrypt(text.encode()).decode()


def _opened(settings: Settings, purpose: str, sealed: str, ttl: int | None = None) -> str:
    return settings.cipher(purpose).decrypt(sealed, ttl=ttl).decode()


def _digest(settings: Settings, user_id: int, code: str) -> str:
    return new_hmac(settings.key("recovery code"), f"{user_id}:{code}".encode(), "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Setup:
    """An authenticator app that is being set up: `sealed` is what its person brings back with the first code."""

    secret: str
    sealed: str
    uri: str


def _setup(settings: Settings, user: User, secret: str, sealed: str) -> Setup:
    uri = pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=user.email_addr, issuer_name=settings.brand)
    return Setup(secret, sealed, uri)


def new_setup(settings: Settings, user: User) -> Setup:
    """A secret for a new app; nothing is stored yet."""
    secret = pyotp.random_base32()
    return _setup(settings, user, secret, _sealed(settings, "authenticator setup", f"{user.id}:{secret}"))


def same_setup(settings: Settings, user: User, sealed: str) -> Setup | None:
    """The one that this was given out for; None if it is not ours, another's, or too old."""
    try:
        owner, _separator, secret = _opened(settings, "authenticator setup", sealed, SETUP_S).partition(":")
    except InvalidToken:
        return None
    return _setup(settings, user, secret, sealed) if owner == str(user.id) else None


async def add_app(
    session: AsyncSession, actor: Actor, settings: Settings, user: User, setup: Setup, code: str
) -> list[str]:
    """Ask for codes of this app from now on; new recovery codes, if there were none. Raises Invalid for a wrong code:
    who cannot make one is not shut out."""
    require(actor, Action.ACCOUNT_SECURE, about_user(user.id))
    step = _step_of(setup.secret, plain_code(code), int(time()) // STEP_S)
    if step is None:
        raise Invalid("otp", _("This code is not right. Is the clock of your device?"))
    await queries.lock(session, user.id)
    await queries.set_secret(session, user.id, _sealed(settings, "authenticator", setup.secret), step)
    return await _codes_if_none(session, settings, user)


async def add_mail(session: AsyncSession, actor: Actor, settings: Settings, user: User) -> list[str]:
    """Ask for codes that are mailed; new recovery codes, if there were none. Raises Invalid where no mail is sent."""
    require(actor, Action.ACCOUNT_SECURE, about_user(user.id))
    if not settings.confirms_addresses:
        raise Invalid("mail_codes", _("This site sends no mail."))
    await queries.lock(session, user.id)
    await queries.set_mail_codes(session, user.id, on=True)
    return await _codes_if_none(session, settings, user)


async def _codes_if_none(session: AsyncSession, settings: Settings, user: User) -> list[str]:
    if await queries.count_codes(session, user.id):
        return []
    return await _new_codes(session, settings, user)


async def _new_codes(session: AsyncSession, settings: Settings, user: User) -> list[str]:
    drawn = ["".join(secrets.choice(RECOVERY_ALPHABET) for _place in range(12)) for _code in range(N_RECOVERY_CODES)]
    await queries.replace_codes(session, user.id, [_digest(settings, user.id, code) for code in drawn])
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in drawn]


async def new_recovery_codes(session: AsyncSession, actor: Actor, settings: Settings, user: User) -> list[str]:
    """Other recovery codes: those of before are worth nothing. Raises Invalid where nothing asks for one."""
    require(actor, Action.ACCOUNT_SECURE, about_user(user.id))
    await queries.lock(session, user.id)
    if await queries.find(session, user.id) is None:
        raise Invalid("otp", _("Choose a second step first."))
    return await _new_codes(session, settings, user)


async def remove_app(session: AsyncSession, actor: Actor, user: User) -> None:
    """Ask for no codes of an app any more."""
    require(actor, Action.ACCOUNT_SECURE, about_user(user.id))
    await queries.lock(session, user.id)
    await queries.set_secret(session, user.id, None, None)
    await _tidy(session, user)


async def remove_mail(session: AsyncSession, actor: Actor, user: User) -> None:
    """Mail no codes any more, unless the site asks for them."""
    require(actor, Action.ACCOUNT_SECURE, about_user(user.id))
    await queries.lock(session, user.id)
    await queries.set_mail_codes(session, user.id, on=False)
    await _tidy(session, user)


async def _tidy(session: AsyncSession, user: User) -> None:
    """Without a second step there is nothing to recover."""
    row = await queries.find(session, user.id)
    if row is not None and row.secret is None and not row.mail_codes:
        await queries.remove(session, user.id)


async def reset(session: AsyncSession, actor: Actor, user: User) -> None:
    """An administrator lets somebody in again who has lost their second step: the password is enough. Passkeys stay."""
    require(actor, Action.USER_RESET_SECOND_STEP)
    await queries.lock(session, user.id)
    await queries.remove(session, user.id)
    await admin_record.note(session, actor, "reset second step", "user", user.id, user.name)
