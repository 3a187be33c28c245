"""The administrators' look at projects: before a new owner's first one is published, and when one is taken back."""

from typing import Literal

from db.models import Project, ProjectReview
from db.queries.assignment.progress import ProjectProgress
from db.queries.projects import publishing as queries
from db.queries.projects import review as review_queries
from db.repositories.rows import find_row, reload_row
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.config import Settings
from webapp.policies import Action, can, require
from webapp.services.mails import outbox
from webapp.services.projects import auditing, publishing
from webapp.services.site import admin_record

Decision = Literal["published", "sent back", "unpublished"]
MAIL_KIND = "review_decision"


async def is_needed(session: AsyncSession, settings: Settings, actor: Actor, project: Project) -> bool:
    """Whether an administrator has to look at this project before it is published: where the site wants that, and its
    owner has published none yet."""
    if not settings.reviews_new_projects or can(actor, Action.PROJECT_REVIEW) or project.first_published is not None:
        return False
    return not await review_queries.has_published(session, project.owner_id)


async def ask(session: AsyncSession, actor: Actor, project: Project, progress: ProjectProgress) -> None:
    """Have the administrators look at it. Raises as `publishing.require_ready` does."""
    publishing.require_ready(actor, project, progress)
    await review_queries.ask(session, project.id)


async def approve(session: AsyncSession, actor: Actor, project: Project, progress: ProjectProgress) -> bool:
    """Publish it, and tell its owner. False if it was published already."""
    require(actor, Action.PROJECT_REVIEW)
    if not await publishing.publish(session, actor, project, progress):
        return False
    await admin_record.note(session, actor, "publish", "project", project.id, project.short_name)
    await _tell(session, project, "published", "")
    return True


async def send_back(session: AsyncSession, actor: Actor, project: Project, word: str) -> None:
    """Leave it a draft, and tell its owner why."""
    require(actor, Action.PROJECT_REVIEW)
    await review_queries.answer(session, project.id, word)
    await admin_record.note(session, actor, "send back", "project", project.id, project.short_name, word)
    await _tell(session, project, "sent back", word)


async def unpublish(session: AsyncSession, actor: Actor, project: Project, word: str) -> bool:
    """Make a published project a draft again, with everything in it, and tell its owner why. False if it is one."""
    require(actor, Action.PROJECT_REVIEW)
    if not await queries.unpublish(session, project.id):
        return False
    await review_queries.answer(session, project.id, word)
    auditing.record(session, actor, project, "web", action="update", attribute="published", old=True, new=False)
    await admin_record.note(session, actor, "unpublish", "project", project.id, project.short_name, word)
    await _tell(session, project, "unpublished", word)
    await reload_row(session, project)
    return True


async def find(session: AsyncSession, project: Project) -> ProjectReview | None:
    """The wish to publish this project, if there is one."""
    return await find_row(session, ProjectReview, project.id)


async def _tell(session: AsyncSession, project: Project, decision: Decision, word: str) -> None:
    about = {"project_id": project.id, "decision": decision, "word": word}
    await outbox.post(session, MAIL_KIND, user_id=project.owner_id, about=about)
