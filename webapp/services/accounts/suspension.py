"""Accounts that administrators let nobody in with for a while, or remove."""

from datetime import UTC, datetime, timedelta

from db.models import User
from db.queries.accounts import leaving as leaving_queries
from db.repositories.rows import change_row
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.errors import BadRequest, Conflict
from webapp.i18n import gettext as _
from webapp.policies import Action, require
from webapp.services.accounts import credentials, leaving
from webapp.services.site import admin_record

MOST_DAYS = 36_500


class AdministratorAccount(BadRequest):
    message = "An administrator's account is neither suspended nor removed: take the office away first."


async def suspend(session: AsyncSession, actor: Actor, user: User, *, days: int, reason: str) -> None:
    """Let nobody in with the account for so many days: its sessions end now, and its key is refused until then. Raises
    AdministratorAccount."""
    _check(actor, user)
    until = datetime.now(UTC) + timedelta(days=min(days, MOST_DAYS))
    await change_row(session, user, {"suspended_until": until, "suspended_reason": reason})
    await credentials.end_sessions(session, user)
    await admin_record.note(session, actor, "suspend", "user", user.id, user.name, f"{days} days: {reason}")


async def lift(session: AsyncSession, actor: Actor, user: User) -> None:
    """Let them in again."""
    require(actor, Action.USER_SUSPEND)
    await change_row(session, user, {"suspended_until": None, "suspended_reason": None})
    await admin_record.note(session, actor, "lift suspension", "user", user.id, user.name)


async def end_sessions(session: AsyncSession, actor: Actor, user: User) -> None:
    """Sign the account out everywhere; its API key is replaced."""
    require(actor, Action.USER_SUSPEND)
    await credentials.end_sessions(session, user)
    await credentials.replace_api_key(session, user)
    await admin_record.note(session, actor, "end sessions", "user", user.id, user.name)


async def remove(session: AsyncSession, actor: Actor, user: User) -> None:
    """Remove the account; its answers stay, under a made-up contributor. Raises AdministratorAccount, and Conflict
    while it owns projects or has written announcements."""
    _check(actor, user)
    if not (await leaving_queries.ties(session, user.id)).free:
        raise Conflict(_("Its projects have to be deleted or handed over to somebody first."))
    await admin_record.note(session, actor, "delete", "user", user.id, user.name)
    await leaving.remove_account(session, user, by="administrator")


def is_suspended(user: User) -> bool:
    """Whether nobody is let in with it now."""
    return user.suspended_until is not None and user.suspended_until > datetime.now(UTC)


def _check(actor: Actor, user: User) -> None:
    require(actor, Action.USER_SUSPEND)
    if user.admin:
        raise AdministratorAccount
