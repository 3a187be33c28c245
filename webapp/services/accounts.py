"""Accounts: registering, signing in, settings."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from db.errors import Duplicate
from db.models import User
from db.queries import adoption
from db.repositories.user import UserRepository
from webapp.actor import Actor
from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.policies import Action, about_user, require
from webapp.services.passwords import Passwords

RESERVED_NAMES = frozenset(
    {
        "page",
        "signin",
        "signout",
        "confirm-email",
        "register",
        "newsletter",
        "profile",
        "reset-password",
        "forgot-password",
        "save_metadata",
    }
)
"""Words that stand in the place of a user name in addresses of our own."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What somebody says of themselves when they join."""

    fullname: str
    name: str
    email_addr: str
    password: str
    consent: bool = False


async def refusals(
    session: AsyncSession, name: str | None, email_addr: str | None, *, own_id: int | None = None
) -> list[Invalid]:
    """Why the account cannot have this name or address: all of it, so that nobody is told in two rounds. None is not
    asked about."""
    users, found = UserRepository(session), []
    if name is not None and name.lower() in RESERVED_NAMES:
        found.append(Invalid("name", _("This name is used by the system.")))
    same_name = await users.find_by_name(name) if name is not None else None
    if same_name is not None and same_name.id != own_id:
        found.append(_taken("name"))
    same_email = await users.find_by_email(email_addr) if email_addr is not None else None
    if same_email is not None and same_email.id != own_id:
        found.append(_taken("email_addr"))
    return found


async def _check_free(session: AsyncSession, name: str, email_addr: str, *, own_id: int | None = None) -> None:
    for wrong in await refusals(session, name, email_addr, own_id=own_id):
        raise wrong


def _taken(field: str) -> Invalid:
    texts = {
        "name": _("The user name is already taken"),
        "email_addr": _("Email is already taken"),
        "ckan_api": _("This key is another account's already"),
    }
    return Invalid(field, texts[field])


@asynccontextmanager
async def _told_at_its_field(session: AsyncSession) -> AsyncIterator[None]:
    """Of two who take one name at the same moment the later is told so at the field, as if they had come later."""
    try:
        async with session.begin_nested():
            yield
    except Duplicate as clash:
        known = (field for field in ("email_addr", "ckan_api") if field in (clash.constraint or ""))
        raise _taken(next(known, "name")) from clash


async def register(session: AsyncSession, passwords: Passwords, account: NewAccount, volunteer: str | None) -> User:
    """A new account; the first one becomes administrator. Raises Invalid for a name or address that is taken.

    `volunteer` is the contributor key under which this browser has answered until now: its answers become the
    account's.
    """
    await _check_free(session, account.name, account.email_addr)
    users = UserRepository(session)
    user = User(
        fullname=account.fullname,
        name=account.name,
        email_addr=account.email_addr.strip(),
        passwd_hash=await passwords.hash(account.password),
        consent=account.consent,
        subscribed=account.consent,
        valid_email=True,
        admin=await users.is_first(),
    )
    async with _told_at_its_field(session):
        await users.add(user)
    if volunteer is not None:
        await adoption.adopt(session, volunteer, user.id)
    return user


async def sign_in(session: AsyncSession, passwords: Passwords, email: str, password: str) -> User | None:
    """The account whose address and password these are, or None. An outdated hash is replaced on the way."""
    user = await UserRepository(session).find_by_email(email)
    verdict = await passwords.verify(user.passwd_hash if user else None, password)
    if user is None or not verdict.right:
        return None
    if verdict.new_hash is not None:
        user.passwd_hash = verdict.new_hash
    return user


async def update_profile(session: AsyncSession, actor: Actor, user: User, values: Mapping[str, Any]) -> None:
    """Change what the account says of itself. Raises Invalid for a name or address that is taken."""
    require(actor, Action.ACCOUNT_UPDATE, about_user(user.id))
    await _check_free(session, values["name"], values["email_addr"], own_id=user.id)
    async with _told_at_its_field(session):
        for name in ("fullname", "name", "email_addr", "locale", "privacy_mode", "restrict", "subscribed"):
            setattr(user, name, values[name])
        user.ckan_api = values["ckan_api"] or None
        await session.flush()


CHANGEABLE = frozenset(
    {
        "fullname",
        "name",
        "locale",
        "privacy_mode",
        "restrict",
        "subscribed",
        "consent",
        "info",
        "user_pref",
        "ckan_api",
    }
)
"""What the API may change of an account (08-gaps 3.1)."""
GUARDED_INFO = frozenset({"avatar", "container", "avatar_url"})
"""Keys of `info` that say where the account's picture is: they change with the picture alone."""


def _is_guarded(key: str) -> bool:
    return key in GUARDED_INFO or key.endswith("_token")


async def change(session: AsyncSession, actor: Actor, user: User, values: Mapping[str, Any]) -> None:
    """Change some of the account's columns, all of them `CHANGEABLE`. Raises Invalid for a name that is taken."""
    require(actor, Action.USER_UPDATE, about_user(user.id))
    changes = dict(values)
    if "ckan_api" in changes:
        changes["ckan_api"] = changes["ckan_api"] or None
    if "name" in changes:
        await _check_free(session, changes["name"], user.email_addr, own_id=user.id)
    if "info" in changes:
        kept = {key: value for key, value in user.info.items() if _is_guarded(key)}
        changes["info"] = {key: value for key, value in changes["info"].items() if not _is_guarded(key)} | kept
    async with _told_at_its_field(session):
        for name, value in changes.items():
            setattr(user, name, value)
        await session.flush()


async def update_external(session: AsyncSession, actor: Actor, user: User, ckan_api: str | None) -> None:
    """Change the account's keys of other services."""
    require(actor, Action.ACCOUNT_UPDATE, about_user(user.id))
    async with _told_at_its_field(session):
        user.ckan_api = ckan_api or None
        await session.flush()


async def change_password(
    session: AsyncSession, passwords: Passwords, actor: Actor, user: User, current: str, new: str
) -> bool:
    """Set another password, which ends every other session of the account. False if `current` is wrong."""
    require(actor, Action.ACCOUNT_UPDATE, about_user(user.id))
    if not (await passwords.verify(user.passwd_hash, current)).right:
        return False
    await set_password(session, passwords, user, new)
    return True


async def set_password(session: AsyncSession, passwords: Passwords, user: User, new: str) -> None:
    """Set another password without asking for the present one: the caller has proven who they are."""
    user.passwd_hash = await passwords.hash(new)
    user.session_epoch += 1
    await session.flush()


async def reset_api_key(session: AsyncSession, actor: Actor, user: User) -> None:
    """A new API key; the old one is worth nothing from now on."""
    require(actor, Action.ACCOUNT_RESET_KEY, about_user(user.id))
    user.api_key = str(uuid4())
    await session.flush()


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture: where the store has it, and the address that shows it."""

    container: str
    name: str
    url: str


async def set_picture(session: AsyncSession, actor: Actor, user: User, picture: Picture) -> None:
    """Show this picture as the account's."""
    require(actor, Action.ACCOUNT_UPDATE, about_user(user.id))
    user.info = user.info | {"container": picture.container, "avatar": picture.name, "avatar_url": picture.url}
    await session.flush()
