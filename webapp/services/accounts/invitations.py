"""Who may make an account: everybody, whose address is of certain domains, or who is invited."""

from datetime import UTC, datetime, timedelta
from secrets import token_urlsafe

from db.models import Invitation
from db.queries.accounts import invitations
from db.repositories.rows import add_row, get_row, remove_row
from db.repositories.user import UserRepository
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.config import Settings
from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.policies import Action, require
from webapp.services.site import admin_record

LONGEST_CODE = 100


async def is_open(session: AsyncSession, settings: Settings, code: str) -> bool:
    """Whether whoever comes with this code ("" for none) may make an account at all."""
    if settings.registration == "open" or not await UserRepository(session).any_exists():
        return True
    return bool(code) and await invitations.is_good(session, code[:LONGEST_CODE])


async def admit(session: AsyncSession, settings: Settings, email_addr: str, code: str) -> None:
    """Use the invitation, where one is needed. Raises Invalid of whoever may not make an account."""
    if not await UserRepository(session).any_exists():
        return
    domain = email_addr.rpartition("@")[2].strip().casefold()
    is_of_domain = not settings.registration_domains or domain in settings.registration_domains
    if settings.registration == "open" and is_of_domain:
        return
    if code and await invitations.use(session, code[:LONGEST_CODE]):
        return
    if settings.registration == "open":
        known = ", ".join(sorted(settings.registration_domains))
        raise Invalid("email_addr", _("Accounts here are for addresses of %(domains)s.", domains=known))
    raise Invalid("email_addr", _("Accounts here are by invitation, and this one is not good any more."))


async def invite(session: AsyncSession, actor: Actor, *, days: int, uses: int) -> Invitation:
    """A new invitation."""
    require(actor, Action.USER_INVITE)
    made = await add_row(
        session,
        Invitation(
            code=token_urlsafe(16),
            invited_by=actor.user_id,
            expires=datetime.now(UTC) + timedelta(days=days),
            n_left=uses,
        ),
    )
    await admin_record.note(session, actor, "invite", "invitation", made.id, "", f"{uses} accounts in {days} days")
    return made


async def withdraw(session: AsyncSession, actor: Actor, invitation_id: int) -> None:
    """It is good no more. Raises NotFound."""
    require(actor, Action.USER_INVITE)
    found = await get_row(session, Invitation, invitation_id)
    await admin_record.note(session, actor, "withdraw", "invitation", found.id, "")
    await remove_row(session, found)
