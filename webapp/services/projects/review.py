"""The administrators' look at projects: before a new owner's first one is published, and when one is taken back."""

from textwrap import dedent
from typing import Literal

from db.models import Project, ProjectReview, User
from db.queries.assignment.progress import ProjectProgress
from db.queries.projects import publishing as queries
from db.queries.projects import review as review_queries
from db.repositories.rows import find_row, reload_row
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.config import Settings
from webapp.i18n import gettext as _
from webapp.i18n import use_locale
from webapp.integrations.mail import Letter
from webapp.integrations.queue import Queue
from webapp.policies import Action, can, require
from webapp.services.projects import auditing, publishing
from webapp.services.site import admin_record
from webapp.urls import project_url

Decision = Literal["published", "sent back", "unpublished"]
SEND_DECISION = "send_review_decision"
"""The job that mails the owner what was decided."""


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


async def approve(
    session: AsyncSession, queue: Queue, actor: Actor, project: Project, progress: ProjectProgress
) -> bool:
    """Publish it, and tell its owner. False if it was published already."""
    require(actor, Action.PROJECT_REVIEW)
    if not await publishing.publish(session, actor, project, progress):
        return False
    await admin_record.note(session, actor, "publish", "project", project.id, project.short_name)
    await queue.enqueue(session, SEND_DECISION, queue="high", project_id=project.id, decision="published", word="")
    return True


async def send_back(session: AsyncSession, queue: Queue, actor: Actor, project: Project, word: str) -> None:
    """Leave it a draft, and tell its owner why."""
    require(actor, Action.PROJECT_REVIEW)
    await review_queries.answer(session, project.id, word)
    await admin_record.note(session, actor, "send back", "project", project.id, project.short_name, word)
    await queue.enqueue(session, SEND_DECISION, queue="high", project_id=project.id, decision="sent back", word=word)


async def unpublish(session: AsyncSession, queue: Queue, actor: Actor, project: Project, word: str) -> bool:
    """Make a published project a draft again, with everything in it, and tell its owner why. False if it is one."""
    require(actor, Action.PROJECT_REVIEW)
    if not await queries.unpublish(session, project.id):
        return False
    await review_queries.answer(session, project.id, word)
    auditing.record(session, actor, project, "web", action="update", attribute="published", old=True, new=False)
    await admin_record.note(session, actor, "unpublish", "project", project.id, project.short_name, word)
    await queue.enqueue(session, SEND_DECISION, queue="high", project_id=project.id, decision="unpublished", word=word)
    await reload_row(session, project)
    return True


async def find(session: AsyncSession, project: Project) -> ProjectReview | None:
    """The wish to publish this project, if there is one."""
    return await find_row(session, ProjectReview, project.id)


async def letter_for(
    session: AsyncSession, settings: Settings, project_id: int, decision: Decision, word: str
) -> Letter | None:
    """The letter that tells the owner; None where there is nobody to tell."""
    project = await find_row(session, Project, project_id)
    owner = await find_row(session, User, project.owner_id) if project is not None else None
    if project is None or owner is None or settings.base_url is None:
        return None
    with use_locale(owner.locale):
        told = {
            "published": _("volunteers can contribute to your project now."),
            "sent back": _("an administrator has looked at your project, and asks you to change something:"),
            "unpublished": _("an administrator has taken your project off the site; nothing of it is lost:"),
        }[decision]
        subject = _("Your project %(project)s at %(brand)s", project=project.name, brand=settings.brand)
        body = dedent(
            _(
                """\
                Hello %(name)s,

                %(told)s
                """
            )
        )
    text = body % {"name": owner.fullname, "told": told}
    parts = [text, word, f"{settings.base_url}{project_url(project.short_name)}"]
    return Letter(to=owner.email_addr, subject=subject, body="\n".join(part for part in parts if part) + "\n")
