"""From draft to published."""

from dataclasses import dataclass, replace

from db.models import Project
from db.queries.assignment.progress import ProjectProgress
from db.queries.projects import publishing
from db.repositories.rows import reload_row
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.errors import NotReady
from webapp.i18n import gettext as _
from webapp.policies import Action, about_project, can, require
from webapp.services.projects import auditing, presenters
from webapp.urls import project_url


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way to publication."""

    key: str
    done: bool
    needed: bool
    is_doubtful: bool = False
    """Whether it is done in a way that will not do what is meant."""


def checklist(project: Project, progress: ProjectProgress) -> list[Step]:
    """What a project needs, and what it should have, before volunteers see it."""
    presenter = project.info.get("task_presenter")
    return [
        Step("tasks", progress.n_tasks > 0, True),
        Step("presenter", bool(presenter), True, is_doubtful=presenters.lacks_script(presenter)),
        Step("picture", bool(project.info.get("thumbnail_url")), False),
        # Every project is in one: the step is there to be looked at.
        Step("category", True, False),
        Step("tutorial", bool(project.info.get("tutorial")), False),
    ]


def is_ready(project: Project, progress: ProjectProgress) -> bool:
    """Whether the project can be published."""
    return all(step.done for step in checklist(project, progress) if step.needed)


def require_ready(actor: Actor, project: Project, progress: ProjectProgress) -> None:
    """Return if the actor may publish the project now. Raises Unauthorized or Forbidden; its owners are told by
    NotReady what is missing."""
    facts = about_project(project)
    if not is_ready(project, progress) and can(actor, Action.PROJECT_PUBLISH, replace(facts, ready=True)):
        raise NotReady(_what_is_missing(project, progress), fix_url=project_url(project.short_name, "settings"))
    require(actor, Action.PROJECT_PUBLISH, replace(facts, ready=is_ready(project, progress)))


def _what_is_missing(project: Project, progress: ProjectProgress) -> str:
    missing = {step.key for step in checklist(project, progress) if step.needed and not step.done}
    if missing == {"tasks"}:
        return _("This project has no tasks yet. Add some, then publish it.")
    if missing == {"presenter"}:
        return _("This project has no presenter yet: the page on which its tasks are answered. Write it, then publish.")
    return _("This project has neither tasks nor a presenter yet. Add both, then publish it.")


async def publish(session: AsyncSession, actor: Actor, project: Project, progress: ProjectProgress) -> bool:
    """Publish; answers of the time of trying out are removed. False if it was published already: then nothing
    changes."""
    require_ready(actor, project, progress)
    if not await publishing.publish(session, project.id):
        return False
    auditing.record(session, actor, project, "web", action="update", attribute="published", old=False, new=True)
    await reload_row(session, project)
    return True
