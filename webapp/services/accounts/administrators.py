"""Who administers the site."""

from db.models import User
from db.repositories.rows import change_row
from db.repositories.user import UserRepository
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.errors import BadRequest
from webapp.policies import Action, require
from webapp.services.site import admin_record


class LastAdministrator(BadRequest):
    message = "The last administrator stays: nobody could make another one."


async def set_administrator(session: AsyncSession, actor: Actor, user: User, *, admin: bool) -> bool:
    """Make the account an administrator, or no more; whether that has changed anything. Raises LastAdministrator."""
    require(actor, Action.USER_MAKE_ADMIN)
    if user.admin == admin:
        return False
    if not admin and not await UserRepository(session).other_admins_locked(user):
        raise LastAdministrator
    await change_row(session, user, {"admin": admin})
    await admin_record.note(session, actor, "add admin" if admin else "remove admin", "user", user.id, user.name)
    return True
