"""How much one account may have here, which administrators are never held to."""

from db.repositories import ProjectRepository
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.config import Settings
from webapp.errors import OverQuota
from webapp.i18n import gettext as _
from webapp.policies import Action, can


async def require_room_for_project(session: AsyncSession, settings: Settings, actor: Actor) -> None:
    """Raises OverQuota where the caller owns as many projects as one account may (co-owned ones are not counted).

    What comes at the same moment may pass the limit by a little: nothing is locked for it.
    """
    most = settings.most_projects
    if not most or actor.user_id is None or can(actor, Action.ADMIN):
        return
    if await ProjectRepository(session).owns_as_many(actor.user_id, most):
        raise OverQuota(
            _("You have %(most)s projects, as many as one may: delete one, or ask the administrators.", most=most)
        )
