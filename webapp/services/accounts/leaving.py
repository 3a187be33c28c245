"""Leaving: an account is removed at its owner's wish, and takes with it all that is about a person."""

import secrets
from ipaddress import IPv4Address
from typing import Literal

from db.models import User
from db.queries.accounts import leaving as queries
from db.queries.accounts.leaving import Ties
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.errors import Conflict
from webapp.i18n import gettext as _
from webapp.policies import Action, about_user, require
from webapp.services.accounts import credentials, newsletter
from webapp.services.mails import outbox

MAIL_KIND = "account_deleted"
NOTICE_KIND = "account_deleted_notice"
Remover = Literal["oneself", "administrator", "inactive"]


async def ties(session: AsyncSession, actor: Actor, user: User) -> Ties:
    """What keeps the account from going."""
    require(actor, Action.ACCOUNT_DELETE, about_user(user.id))
    return await queries.ties(session, user.id)


async def delete_account(session: AsyncSession, actor: Actor, user: User) -> None:
    """Remove the account. Raises Conflict while projects or announcements are its own: somebody must have them.

    Answers stay, because results rest on them, under a contributor and an address that are made up.
    """
    if not (await ties(session, actor, user)).free:
        raise Conflict(_("Your projects have to be deleted or handed over to somebody first."))
    await remove_account(session, user, by="oneself")
    about = {"name": user.name, "email_addr": user.email_addr}
    await outbox.post_to_administrators(session, NOTICE_KIND, about=about)


async def remove_account(session: AsyncSession, user: User, *, by: Remover) -> None:
    """Remove an account that nothing keeps, and have its address told: whoever calls this has asked whether it may
    be."""
    about = {"fullname": user.fullname, "email_addr": user.email_addr, "locale": user.locale, "by": by}
    await outbox.post(session, MAIL_KIND, about=about)
    await newsletter.leave(session, user)
    await credentials.end_account(session, user.id)
    address = IPv4Address(secrets.randbits(32))
    await queries.leave(session, user.id, nobody=f"anon:{secrets.token_urlsafe(12)}", ip=str(address))
