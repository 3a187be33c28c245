"""How much one account, and one project, may have here, which administrators are never held to.

What comes at the same moment may pass a limit by a little: nothing is locked for it.
"""

from collections.abc import Iterable

from db.queries.assignment.progress import progress_of
from db.repositories import ProjectRepository
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.config import Settings
from webapp.errors import OverQuota
from webapp.i18n import format_number
from webapp.i18n import gettext as _
from webapp.policies import Action, can


async def require_room_for_project(session: AsyncSession, settings: Settings, actor: Actor) -> None:
    """Raises OverQuota where the caller owns as many projects as one account may (co-owned ones are not counted)."""
    most = settings.most_projects
    if not most or actor.user_id is None or can(actor, Action.ADMIN):
        return
    if await ProjectRepository(session).owns_as_many(actor.user_id, most):
        raise OverQuota(
            _("You have %(most)s projects, as many as one may: delete one, or ask the administrators.", most=most)
        )


async def check_tasks(session: AsyncSession, settings: Settings, actor: Actor, project_ids: Iterable[int]) -> None:
    """Raises OverQuota where one of these projects, with what the transaction has added to it, has more tasks than it
    may."""
    if settings.most_tasks and not can(actor, Action.ADMIN):
        for project_id in project_ids:
            await check_tasks_of(session, project_id, settings.most_tasks)


async def check_tasks_of(session: AsyncSession, project_id: int, most: int) -> None:
    """As `check_tasks`, for one project that may have `most` tasks; 0 sets no limit."""
    if most and (await progress_of(session, [project_id]))[project_id].n_tasks > most:
        told = _("A project may have %(most)s tasks, and would have more: ask the administrators.")
        raise OverQuota(told % {"most": format_number(most)})
