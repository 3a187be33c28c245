"""Whose a project is: co-owners, and another owner, who is asked first (docs/contract/pages.md 4.2)."""

from datetime import UTC, datetime, timedelta

from db.models import OwnershipOffer, Project
from db.repositories import OwnershipOfferRepository, ProjectRepository, UserRepository
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.config import Settings
from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.policies import Action, about_offer, about_project, require
from webapp.services.mails import outbox
from webapp.services.projects import auditing, projects, quotas

OFFER_LASTS = timedelta(days=14)
MAIL_KIND = "ownership_offer"


async def add_coowner(session: AsyncSession, actor: Actor, project: Project, user_id: int) -> bool:
    """Let this account run the project too; False if it does already."""
    await ProjectRepository(session).lock(project)
    require(actor, Action.PROJECT_MANAGE_COOWNERS, about_project(project))
    if user_id in project.owners_ids:
        return False
    await _set_owners(session, actor, project, [*project.owners_ids, user_id])
    return True


async def remove_coowner(session: AsyncSession, actor: Actor, project: Project, user_id: int) -> bool:
    """Take the project out of this account's hands, which a co-owner may also do for their own part; False for its
    creator, and for whoever is no co-owner."""
    await ProjectRepository(session).lock(project)
    own_part = user_id == actor.user_id and user_id in project.owners_ids and user_id != project.owner_id
    require(actor, Action.PROJECT_LEAVE if own_part else Action.PROJECT_MANAGE_COOWNERS, about_project(project))
    if user_id == project.owner_id or user_id not in project.owners_ids:
        return False
    await _set_owners(session, actor, project, [one for one in project.owners_ids if one != user_id])
    return True


async def offer(session: AsyncSession, actor: Actor, project: Project, email_addr: str) -> None:
    """Offer the project to whoever has this address, in place of any offer before.

    Whether anybody has it, nobody learns: what is done and told is the same. Raises Invalid for the owner's own.
    """
    await ProjectRepository(session).lock(project)
    require(actor, Action.PROJECT_TRANSFER, about_project(project))
    found = await UserRepository(session).find_by_email(email_addr)
    if found is not None and found.id == project.owner_id:
        raise Invalid("email_addr", _("The project belongs to this address already."))
    offers = OwnershipOfferRepository(session)
    await offers.remove_of_project(project.id)
    made = await offers.add(
        OwnershipOffer(
            project_id=project.id,
            email_addr=email_addr,
            user_id=found.id if found is not None and not found.restrict else None,
            offered_by=actor.user_id,
            expires=datetime.now(UTC) + OFFER_LASTS,
        )
    )
    await outbox.post(session, MAIL_KIND, user_id=made.user_id, about={"offer_id": made.id})


async def withdraw(session: AsyncSession, actor: Actor, project: Project) -> None:
    """Offer the project to nobody."""
    await ProjectRepository(session).lock(project)
    require(actor, Action.PROJECT_TRANSFER, about_project(project))
    await OwnershipOfferRepository(session).remove_of_project(project.id)


async def received(session: AsyncSession, actor: Actor, project: Project) -> OwnershipOffer:
    """The offer of the project to this caller. Raises Unauthorized or Forbidden where there is none, or no more."""
    found = await OwnershipOfferRepository(session).find_pending(project.id)
    require(actor, Action.PROJECT_ANSWER_OFFER, about_offer(project, found.user_id if found is not None else None))
    assert found is not None, "the policy lets nobody answer an offer that there is not"
    return found


async def accept(session: AsyncSession, settings: Settings, actor: Actor, project: Project) -> None:
    """Make the caller the owner, as was offered. Co-owners stay what they are; the old owner leaves
    (docs/contract/gaps.md 2.24), and knows its secret key no more. Raises as `received`, and OverQuota
    where the caller owns as many projects as they may: the offer stays."""
    await ProjectRepository(session).lock(project)
    found = await received(session, actor, project)
    await quotas.require_room_for_project(session, settings, actor)
    new, old = found.user_id, project.owner_id
    assert new is not None, "the policy asks for the account that it was offered to"
    await OwnershipOfferRepository(session).remove_of_project(project.id)
    project.owner_id = new
    await _set_owners(session, actor, project, [new, *(one for one in project.owners_ids if one not in (old, new))])
    auditing.record(session, actor, project, "web", action="update", attribute="owner_id", old=old, new=new)
    await projects.reset_secret(session, actor, project)


async def decline(session: AsyncSession, actor: Actor, project: Project) -> None:
    """Leave the project to its owner. Raises as `received`."""
    await ProjectRepository(session).lock(project)
    await received(session, actor, project)
    await OwnershipOfferRepository(session).remove_of_project(project.id)


async def _set_owners(session: AsyncSession, actor: Actor, project: Project, owners: list[int]) -> None:
    before = list(project.owners_ids)
    project.owners_ids = owners
    auditing.record(session, actor, project, "web", action="update", attribute="owners_ids", old=before, new=owners)
    await session.flush()
