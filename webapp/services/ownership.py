"""Whose a project is: co-owners, and another owner (01-pages section 4.2)."""

from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Project
from db.repositories import ProjectRepository
from webapp.actor import Actor
from webapp.policies import Action, about_project, require
from webapp.services import auditing


async def add_coowner(session: AsyncSession, actor: Actor, project: Project, user_id: int) -> bool:
    """Let this account run the project too; False if it does already."""
    await ProjectRepository(session).lock(project)
    require(actor, Action.PROJECT_MANAGE_COOWNERS, about_project(project))
    if user_id in project.owners_ids:
        return False
    await _set_owners(session, actor, project, [*project.owners_ids, user_id])
    return True


async def remove_coowner(session: AsyncSession, actor: Actor, project: Project, user_id: int) -> bool:
    """Take the project out of this account's hands; False for its creator, and for whoever is no co-owner."""
    await ProjectRepository(session).lock(project)
    require(actor, Action.PROJECT_MANAGE_COOWNERS, about_project(project))
    if user_id == project.owner_id or user_id not in project.owners_ids:
        return False
    await _set_owners(session, actor, project, [one for one in project.owners_ids if one != user_id])
    return True


async def transfer(session: AsyncSession, actor: Actor, project: Project, user_id: int) -> None:
    """Make this account the owner. Co-owners stay what they are; the old owner leaves (08-gaps 2.24)."""
    await ProjectRepository(session).lock(project)
    require(actor, Action.PROJECT_TRANSFER, about_project(project))
    old = project.owner_id
    others = [one for one in project.owners_ids if one not in (old, user_id)]
    project.owner_id = user_id
    await _set_owners(session, actor, project, [user_id, *others])
    auditing.record(session, actor, project, "web", action="update", attribute="owner_id", old=old, new=user_id)


async def _set_owners(session: AsyncSession, actor: Actor, project: Project, owners: list[int]) -> None:
    before = list(project.owners_ids)
    project.owners_ids = owners
    auditing.record(session, actor, project, "web", action="update", attribute="owners_ids", old=before, new=owners)
    await session.flush()
