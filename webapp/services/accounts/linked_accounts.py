"""Signing in by other services: which of their people are which accounts here.

Somebody at a service becomes somebody here in three ways only: by a new account, by an account that is signed in and
says so once more, or by the password of the account that has the address which the service has verified. An address
that is not verified is no proof of anything.
"""

import json
import re
from collections.abc import Collection, Iterator
from secrets import token_hex
from typing import Any

from cryptography.fernet import InvalidToken

from db.errors import Duplicate
from db.models import LinkedAccount, User
from db.queries.accounts import linked_accounts, passkeys
from db.repositories.rows import lock_row, remove_row, try_to_add, try_to_change
from db.repositories.user import UserRepository
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.config import Settings
from webapp.errors import BadRequest, Invalid
from webapp.i18n import gettext as _
from webapp.integrations.providers import ProviderIdentity
from webapp.policies import Action, about_user, require
from webapp.services.accounts import accounts
from webapp.services.accounts.accounts import NewAccount
from webapp.services.site.naming import plain_text

DIRECTORY = "ldap"
"""What links to an LDAP directory have for a provider."""
LONGEST_NAME = 35
SHORTEST_NAME = 3
NUMBERED = 20
"""So many names with a number are tried before one at random."""
UNFIT = re.compile(r"[$#&\\/|?%<>\"'`;\s\x00-\x1f\x7f]+")
"""What a user name must not have."""


TOKENS = "provider tokens"
"""The purpose of the cipher that they are kept by."""


class AlreadyLinked(BadRequest):
    message = "That account of the service belongs to another account here already."


class LastSignInMethod(BadRequest):
    message = "This is the only way into your account. Set a password first: sign out and ask for one by mail."


async def account_of(session: AsyncSession, settings: Settings, known: ProviderIdentity) -> User | None:
    """The account that this person signs in as, or None. Their tokens are those of this time from now on."""
    found = await linked_accounts.find(session, known.provider, known.subject)
    if found is None:
        return await _known_to_directory(session, known)
    await try_to_change(session, found, {"label": known.label, "sealed_tokens": _sealed(settings, known)})
    return await UserRepository(session).get(found.user_id)


async def _known_to_directory(session: AsyncSession, known: ProviderIdentity) -> User | None:
    """The account of somebody in the directory that was made before there were links."""
    return await UserRepository(session).find_by_ldap(known.subject) if known.provider == DIRECTORY else None


async def account_with_address(session: AsyncSession, known: ProviderIdentity) -> User | None:
    """The account that has the address which the service has verified, or None."""
    if not (known.email and known.email_verified):
        return None
    return await UserRepository(session).find_by_email(known.email)


async def link(session: AsyncSession, settings: Settings, user: User, known: ProviderIdentity) -> None:
    """Let this person sign in as this account, in place of whoever of the service did. Raises AlreadyLinked."""
    await lock_row(session, user)
    for other in await linked_accounts.of_user(session, user.id):
        if other.provider == known.provider and other.subject != known.subject:
            await remove_row(session, other)
    row = LinkedAccount(
        user_id=user.id,
        provider=known.provider,
        subject=known.subject,
        label=known.label,
        sealed_tokens=_sealed(settings, known),
    )
    try:
        await try_to_add(session, row)
    except Duplicate:
        found = await linked_accounts.find(session, known.provider, known.subject)
        if found is None or found.user_id != user.id:
            raise AlreadyLinked from None


async def unlink(session: AsyncSession, actor: Actor, user: User, provider: str, usable: Collection[str]) -> None:
    """Let nobody of this service sign in as the account any more. Raises LastSignInMethod where there is no
    other: a password, a passkey, or another of the `usable` providers."""
    require(actor, Action.ACCOUNT_LINK, about_user(user.id))
    await lock_row(session, user)
    linked = await linked_accounts.of_user(session, user.id)
    others = [one for one in linked if one.provider != provider and one.provider in usable]
    if user.passwd_hash is None and not others and not await passkeys.of_account(session, user.id, limit=1):
        raise LastSignInMethod(_(LastSignInMethod.message))
    for one in linked:
        if one.provider == provider:
            await remove_row(session, one)


async def unlink_all(session: AsyncSession, user: User) -> None:
    """Let nobody of any service sign in as the account any more."""
    for one in await linked_accounts.of_user(session, user.id):
        await remove_row(session, one)


async def of_account(session: AsyncSession, actor: Actor, user: User) -> list[LinkedAccount]:
    """What the account is linked to, by provider."""
    require(actor, Action.ACCOUNT_LINK, about_user(user.id))
    return await linked_accounts.of_user(session, user.id)


async def register_from_directory(
    session: AsyncSession, settings: Settings, known: ProviderIdentity, volunteer: str | None
) -> User:
    """A new account of somebody in the directory, as it says. Raises Invalid where it says too little."""
    if not known.email:
        raise Invalid("email", _("The directory does not say your e-mail address: ask whoever runs it."))
    name = await free_name(session, known)
    account = NewAccount(full_name(known) or name, name, known.email, "")
    return await register(session, settings, known, account, volunteer)


async def register(
    session: AsyncSession, settings: Settings, known: ProviderIdentity, account: NewAccount, volunteer: str | None
) -> User:
    """A new account without a password, into which this person signs in. Raises Invalid for a name or address that is
    taken, and AlreadyLinked."""
    wanted = await accounts.checked(session, account)
    if await UserRepository(session).find_by_email(wanted.email_addr) is not None:
        raise Invalid("email_addr", _("This address cannot be used for this account. If it is yours, sign in with it."))
    user = await accounts.add(session, wanted, None, volunteer)
    await link(session, settings, user, known)
    return user


async def tokens(session: AsyncSession, settings: Settings, user_id: int) -> dict[str, dict[str, Any]]:
    """The tokens of the account's services, by provider; of those that none are kept of, nothing."""
    found = {}
    for one in await linked_accounts.of_user(session, user_id):
        if one.sealed_tokens and (opened := _opened(settings, one.sealed_tokens)):
            found[one.provider] = opened
    return found


def _sealed(settings: Settings, known: ProviderIdentity) -> str | None:
    return settings.cipher(TOKENS).encrypt(json.dumps(known.tokens).encode()).decode() if known.tokens else None


def _opened(settings: Settings, sealed: str) -> dict[str, Any] | None:
    """None once the site has another secret key."""
    try:
        opened: dict[str, Any] = json.loads(settings.cipher(TOKENS).decrypt(sealed))
    except (InvalidToken, ValueError):
        return None
    return opened


def full_name(known: ProviderIdentity) -> str:
    """What a form may offer as the person's name."""
    name = plain_text(known.name or known.username)[:LONGEST_NAME].strip()
    return name if len(name) >= SHORTEST_NAME else ""


async def free_name(session: AsyncSession, known: ProviderIdentity) -> str:
    """A user name that can be had, like what the person is called elsewhere."""
    for wished in (known.username, known.email.partition("@")[0] if known.email_verified else "", known.name):
        base = UNFIT.sub("", wished).lstrip(".")[: LONGEST_NAME - 4]
        if len(base) < SHORTEST_NAME:
            continue
        for candidate in _candidates(base):
            if await accounts.name_refusal(session, candidate) is None:
                return candidate
    return f"bee-{token_hex(4)}"


def _candidates(base: str) -> Iterator[str]:
    yield base
    yield from (f"{base}{number}" for number in range(2, NUMBERED))
    yield f"{base[:26]}-{token_hex(3)}"
