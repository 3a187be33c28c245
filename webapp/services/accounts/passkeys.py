"""Passkeys: a key on somebody's device that signs them in, with nothing to type and nothing that can be given away.

The device unlocks it by finger, face or number (user verification), so that it counts as both steps. A challenge is
drawn for each use, belongs to one browser's session (`key` in its cookie), and is answered once.
"""

import secrets
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Literal
from urllib.parse import urlsplit

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    bytes_to_base64url,
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from db import json
from db.errors import Duplicate
from db.models import Passkey, User
from db.queries.accounts import linked_accounts as linked_queries
from db.queries.accounts import passkeys as queries
from db.repositories.rows import lock_row, try_to_add
from db.repositories.user import UserRepository
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.errors import Invalid, NotFound
from webapp.i18n import gettext as _
from webapp.integrations.short_lived import ShortLived
from webapp.policies import Action, about_user, require
from webapp.services.accounts.linked_accounts import LastSignInMethod
from webapp.services.site.naming import plain_text

CHALLENGE_S = 300
"""How long somebody may take to unlock their device, in seconds."""
MOST_PASSKEYS = 20
"""Of one account."""
LONGEST_CREDENTIAL = 16_000
"""Characters of what a browser sends: a key, an attestation, some facts."""
UNREADABLE = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError)
"""What the library raises for bytes that somebody has made up."""
Purpose = Literal["register", "sign in", "confirm"]


@dataclass(frozen=True, slots=True)
class Site:
    """What passkeys are bound to: the origin of the site as browsers see it, and its name."""

    origin: str
    brand: str

    @property
    def rp_id(self) -> str:
        """The host, without its port."""
        return urlsplit(self.origin).hostname or ""


class PasskeyRefused(Invalid):
    """What the browser sent is no proof."""

    def __init__(self) -> None:
        super().__init__("credential", _("This passkey was not accepted. Please try again."))


def _handle(user_id: int) -> bytes:
    """What devices know the account by: no name or address, and the same whatever the site's key is."""
    return sha256(f"workbee account {user_id}".encode()).digest()


def _read(credential: str) -> dict[str, Any]:
    """What the browser has sent, read by a reader of bounded depth. Raises ValueError and TypeError."""
    document = json.loads(credential)
    if not isinstance(document, dict):
        raise TypeError("a credential is an object")
    return document


async def _keep(short_lived: ShortLived, challenge: bytes, purpose: Purpose, user_id: int | None) -> str:
    key = secrets.token_urlsafe(16)
    value = {"challenge": bytes_to_base64url(challenge), "purpose": purpose, "user": user_id}
    await short_lived.put(f"passkey:{key}", value, seconds=CHALLENGE_S)
    return key


async def _taken(short_lived: ShortLived, key: str | None, purpose: Purpose, user_id: int | None) -> bytes:
    """The challenge, once. Raises PasskeyRefused for one that has run out, or was drawn for something else."""
    kept = await short_lived.take(f"passkey:{key}") if key else None
    if kept is None or kept["purpose"] != purpose or kept["user"] != user_id:
        raise PasskeyRefused
    return base64url_to_bytes(kept["challenge"])


async def of_account(session: AsyncSession, actor: Actor, user: User) -> list[Passkey]:
    """The account's passkeys, the oldest first."""
    require(actor, Action.ACCOUNT_SECURE, about_user(user.id))
    return await queries.of_account(session, user.id, limit=MOST_PASSKEYS)


async def registration_options(
    session: AsyncSession, short_lived: ShortLived, site: Site, actor: Actor, user: User
) -> tuple[str, dict[str, Any]]:
    """The key of a new challenge, and what the browser is asked to make. Raises Invalid where there are enough."""
    own = await of_account(session, actor, user)
    if len(own) >= MOST_PASSKEYS:
        raise Invalid("name", _("These are enough passkeys. Remove one that you do not need."))
    options = generate_registration_options(
        rp_id=site.rp_id,
        rp_name=site.brand,
        user_id=_handle(user.id),
        user_name=user.email_addr,
        user_display_name=user.fullname,
        timeout=CHALLENGE_S * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.credential)) for one in own],
    )
    return await _keep(short_lived, options.challenge, "register", user.id), options_to_json_dict(options)


async def register(
    session: AsyncSession,
    short_lived: ShortLived,
    site: Site,
    actor: Actor,
    user: User,
    *,
    key: str | None,
    name: str,
    credential: str,
) -> None:
    """Take the passkey that the browser has made for the challenge of this key. Raises PasskeyRefused."""
    require(actor, Action.ACCOUNT_SECURE, about_user(user.id))
    challenge = await _taken(short_lived, key, "register", user.id)
    try:
        made = verify_registration_response(
            credential=parse_registration_credential_json(_read(credential)),
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except UNREADABLE as error:
        raise PasskeyRefused from error
    row = Passkey(
        user_id=user.id,
        name=plain_text(name),
        credential=bytes_to_base64url(made.credential_id),
        public_key=bytes_to_base64url(made.credential_public_key),
        sign_count=made.sign_count,
    )
    try:
        await try_to_add(session, row)
    except Duplicate as clash:
        raise PasskeyRefused from clash


async def authentication_options(
    short_lived: ShortLived, site: Site, *, confirms: int | None = None
) -> tuple[str, dict[str, Any]]:
    """The key of a new challenge, and what the browser is asked for: any passkey of this site. `confirms`: the account
    whose person shows who they are once more; without it somebody signs in."""
    options = generate_authentication_options(
        rp_id=site.rp_id, timeout=CHALLENGE_S * 1000, user_verification=UserVerificationRequirement.REQUIRED
    )
    purpose: Purpose = "sign in" if confirms is None else "confirm"
    return await _keep(short_lived, options.challenge, purpose, confirms), options_to_json_dict(options)


async def recognise(
    session: AsyncSession,
    short_lived: ShortLived,
    site: Site,
    *,
    key: str | None,
    credential: str,
    confirms: int | None = None,
) -> User:
    """Whose passkey has answered the challenge of this key. Raises PasskeyRefused, also where its counter goes back: it
    was copied."""
    purpose: Purpose = "sign in" if confirms is None else "confirm"
    challenge = await _taken(short_lived, key, purpose, confirms)
    try:
        sent = parse_authentication_credential_json(_read(credential))
    except UNREADABLE as error:
        raise PasskeyRefused from error
    passkey = await queries.find_locked(session, bytes_to_base64url(sent.raw_id))
    if passkey is None or (confirms is not None and passkey.user_id != confirms):
        raise PasskeyRefused
    handle = sent.response.user_handle
    if handle is None or not compare_digest(handle, _handle(passkey.user_id)):
        raise PasskeyRefused
    try:
        shown = verify_authentication_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except UNREADABLE as error:
        raise PasskeyRefused from error
    await queries.note_use(session, passkey.id, shown.new_sign_count)
    return await UserRepository(session).get(passkey.user_id)


async def remove(session: AsyncSession, actor: Actor, user: User, passkey_id: int) -> str:
    """Remove the passkey, and say what it was called. Raises NotFound, and LastSignInMethod where the account has no
    other."""
    require(actor, Action.ACCOUNT_SECURE, about_user(user.id))
    await lock_row(session, user)
    others = [one for one in await queries.of_account(session, user.id, limit=2) if one.id != passkey_id]
    if user.passwd_hash is None and not others and not await linked_queries.of_user(session, user.id):
        raise LastSignInMethod(_(LastSignInMethod.message))
    name = await queries.remove(session, user.id, passkey_id)
    if name is None:
        raise NotFound(_("There is no such passkey."))
    return name
