"""Accounts: registering, signing in, settings."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from unicodedata import normalize

from db.errors import Duplicate
from db.models import User
from db.naming import skeleton
from db.queries.assignment import merging_runs
from db.repositories.rows import try_to_add, try_to_change
from db.repositories.user import UserRepository
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.policies import Action, about_user, can, require
from webapp.services.accounts import credentials, newsletter
from webapp.services.accounts.passwords import Passwords
from webapp.services.site.naming import UnfitName, checked_name, plain_text

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
OFFICIAL_NAMES = frozenset(
    {
        "abuse",
        "admin",
        "administrator",
        "moderator",
        "official",
        "postmaster",
        "root",
        "security",
        "staff",
        "support",
        "system",
        "webmaster",
        "workbee",
    }
)
"""Names by which whoever runs a site is known: administrators may have them."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What somebody says of themselves when they join."""

    fullname: str
    name: str
    email_addr: str
    password: str
    consent: bool = False


async def checked(session: AsyncSession, account: NewAccount, *, official: bool = False) -> NewAccount:
    """The account as it would be kept; `official` ones may have any name. Raises Invalid for a name that cannot be had;
    of the address nothing is said."""
    return replace(
        account,
        fullname=plain_text(account.fullname),
        name=await _free_name(session, account.name, official=official),
        email_addr=kept_address(account.email_addr),
    )


def kept_address(email_addr: str) -> str:
    """An e-mail address in Unicode's one form for all ways of writing it."""
    return normalize("NFKC", email_addr).strip()


async def _free_name(session: AsyncSession, name: str, *, own: User | None = None, official: bool) -> str:
    """The name as it is kept. Raises Invalid for one that is unfit, reserved, or looks like another account's than the
    `own` one's."""
    try:
        kept = checked_name(name)
    except UnfitName as unfit:
        raise Invalid("name", str(unfit)) from None
    if _resembles_any(RESERVED_NAMES, kept):
        raise Invalid("name", _("This name is used by the system."))
    users, own_id = UserRepository(session), own.id if own else None
    same = await users.find_by_name(kept)
    if same is not None and same.id != own_id:
        raise _taken("name")
    if await users.looks_like_another(kept, own_id=own_id):
        raise Invalid("name", _("This looks like the user name of somebody else."))
    if not official and _resembles_any(OFFICIAL_NAMES, kept) and await users.any_exists():
        raise Invalid("name", _("People would take this name for that of whoever runs this site."))
    return kept


async def name_refusal(session: AsyncSession, name: str | None, own: User | None = None) -> Invalid | None:
    """Why the name cannot be had, so that a form tells it with its other faults; None if it can, or is not asked about,
    or is the account's `own` already."""
    if name is None or (own is not None and own.name == name):
        return None
    try:
        await _free_name(session, name, own=own, official=own is not None and own.admin)
    except Invalid as wrong:
        return wrong
    return None


def _resembles_any(names: frozenset[str], name: str) -> bool:
    return name.casefold() in names or skeleton(name) in _looks(names)


@cache
def _looks(names: frozenset[str]) -> frozenset[str]:
    return frozenset(skeleton(written) for name in names for written in (name, name.upper()))


async def _check_address_free(session: AsyncSession, email_addr: str, *, own_id: int | None = None) -> None:
    """Return if the address can be the account's; raises Invalid, which does not say whose else it is."""
    same = await UserRepository(session).find_by_email(email_addr)
    if same is not None and same.id != own_id:
        raise _taken("email_addr")


def _taken(field: str) -> Invalid:
    texts = {
        "name": _("The user name is already taken"),
        "email_addr": _("This address cannot be used for this account. If it is yours, sign in with it."),
        "ckan_api": _("This key is another account's already"),
    }
    return Invalid(field, texts[field])


@contextmanager
def _field_error_on_duplicate() -> Iterator[None]:
    """Of two who take one name at the same moment the later is told so at the field, as if they had come later."""
    try:
        yield
    except Duplicate as clash:
        known = (field for field in ("email_addr", "ckan_api") if field in (clash.constraint or ""))
        raise _taken(next(known, "name")) from clash


async def register(
    session: AsyncSession, passwords: Passwords, account: NewAccount, volunteer: str | None, *, official: bool = False
) -> User:
    """A new account; the first one becomes administrator. Raises Invalid for a name or address that is taken.

    `volunteer` is the contributor key under which this browser has answered until now: its answers become the
    account's. `official`: made by whoever runs this site.
    """
    wanted = await checked(session, account, official=official)
    await _check_address_free(session, wanted.email_addr)
    return await add(session, wanted, await passwords.hash(account.password), volunteer)


async def add(session: AsyncSession, account: NewAccount, passwd_hash: str | None, volunteer: str | None) -> User:
    """The new account of somebody `checked`, with the hash of its password; None if they sign in elsewhere."""
    users = UserRepository(session)
    user = User(
        fullname=account.fullname,
        name=account.name,
        email_addr=account.email_addr,
        passwd_hash=passwd_hash,
        consent=account.consent,
        subscribed=account.consent,
        valid_email=True,
        admin=await users.is_first(),
    )
    with _field_error_on_duplicate():
        await try_to_add(session, user)
    if volunteer is not None:
        await merging_runs.merge_runs(session, volunteer, user.id)
        await credentials.end_session(session, credentials.fingerprint(volunteer))
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


async def update_profile(
    session: AsyncSession, actor: Actor, user: User, values: Mapping[str, Any], *, with_address: bool = True
) -> None:
    """Change what the account says of itself; not its address where that is confirmed first. Raises Invalid for a name
    or address that is taken."""
    require(actor, Action.ACCOUNT_UPDATE, about_user(user.id))
    changes = {name: values[name] for name in PROFILE_COLUMNS} | {"ckan_api": values["ckan_api"] or None}
    old = user.email_addr
    if with_address and changes_address(user, values["email_addr"]):
        changes["email_addr"] = kept_address(values["email_addr"])
        await _check_address_free(session, changes["email_addr"], own_id=user.id)
    await _apply(session, actor, user, changes)
    if user.email_addr != old:
        await newsletter.move(session, user, old)


def changes_address(user: User, email_addr: str) -> bool:
    """Whether this is another address than the account's."""
    return kept_address(email_addr) != user.email_addr


async def set_address(session: AsyncSession, user: User, email_addr: str) -> None:
    """This is the account's address, as its person has proven. Raises Invalid where it is another account's."""
    old = user.email_addr
    await _check_address_free(session, email_addr, own_id=user.id)
    with _field_error_on_duplicate():
        await try_to_change(
            session, user, {"email_addr": email_addr, "valid_email": True, "confirmation_email_sent": False}
        )
    if email_addr != old:
        await newsletter.move(session, user, old)


async def _apply(session: AsyncSession, actor: Actor, user: User, changes: dict[str, Any]) -> None:
    """Set these columns. A restriction, which is asked for where an account may be in wrong hands, ends every
    credential but the one that it was asked for with."""
    if changes.get("name", user.name) != user.name:
        changes["name"] = await _free_name(session, changes["name"], own=user, official=can(actor, Action.ADMIN))
    if "fullname" in changes:
        changes["fullname"] = plain_text(changes["fullname"])
    restricts = bool(changes.get("restrict")) and not user.restrict
    with _field_error_on_duplicate():
        await try_to_change(session, user, changes)
    if restricts:
        await credentials.end_sessions(session, user)
        if not (actor.by_key and actor.user_id == user.id):
            await credentials.replace_api_key(session, user)


PROFILE_COLUMNS = ("fullname", "name", "locale", "privacy_mode", "restrict", "subscribed")
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
"""What the API may change of an account (docs/contract/gaps.md 3.1)."""
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
    if "info" in changes:
        kept = {key: value for key, value in user.info.items() if _is_guarded(key)}
        changes["info"] = {key: value for key, value in changes["info"].items() if not _is_guarded(key)} | kept
    await _apply(session, actor, user, changes)


async def update_external(session: AsyncSession, actor: Actor, user: User, ckan_api: str | None) -> None:
    """Change the account's keys of other services."""
    require(actor, Action.ACCOUNT_UPDATE, about_user(user.id))
    with _field_error_on_duplicate():
        await try_to_change(session, user, {"ckan_api": ckan_api or None})


async def change_password(
    session: AsyncSession,
    passwords: Passwords,
    actor: Actor,
    user: User,
    current: str,
    new: str,
    *,
    keep_api_key: bool,
) -> bool:
    """Set another password, which ends every other session of the account. False if `current` is wrong."""
    require(actor, Action.ACCOUNT_UPDATE, about_user(user.id))
    if not (await passwords.verify(user.passwd_hash, current)).right:
        return False
    await set_password(session, passwords, user, new, keep_api_key=keep_api_key)
    return True


async def set_password(
    session: AsyncSession, passwords: Passwords, user: User, new: str, *, keep_api_key: bool
) -> None:
    """Set another password without asking for the present one: the caller has proven who they are. What let somebody
    in before ends, the API key too unless it is to be kept."""
    user.passwd_hash = await passwords.hash(new)
    await credentials.end_sessions(session, user)
    if not keep_api_key:
        await credentials.replace_api_key(session, user)


async def knows_password(session: AsyncSession, passwords: Passwords, user_id: int, password: str) -> bool:
    """Whether this is the account's password. Raises Invalid if it has none to know."""
    user = await UserRepository(session).get(user_id)
    if user.passwd_hash is None:
        raise Invalid(
            "current_password",
            _("Your account has no password yet. Sign out and ask for one under “Forgot your password?”."),
        )
    return (await passwords.verify(user.passwd_hash, password)).right


async def has_this_password(passwords: Passwords, user: User, password: str) -> bool:
    """Whether this is the account's password; one without a password has none."""
    return (await passwords.verify(user.passwd_hash, password)).right


async def reset_api_key(session: AsyncSession, actor: Actor, user: User) -> None:
    """A new API key; the old one is worth nothing from now on."""
    require(actor, Action.ACCOUNT_RESET_KEY, about_user(user.id))
    await credentials.replace_api_key(session, user)


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
