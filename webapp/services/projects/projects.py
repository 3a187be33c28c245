"""Projects: creating, changing and removing them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Any
from uuid import uuid4

from db.models import Project
from db.naming import skeleton
from db.queries.assignment import redundancy
from db.repositories import CategoryRepository, ProjectRepository, TaskRepository
from db.repositories.rows import try_to_add, try_to_change
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.config import Settings
from webapp.errors import BadRequest, Invalid, UnsupportedMedia
from webapp.i18n import gettext as _
from webapp.integrations.queue import Queue
from webapp.policies import Action, Facts, about_project, require
from webapp.services.projects import auditing, quotas, webhooks
from webapp.services.projects.auditing import Channel
from webapp.services.site import admin_record, files
from webapp.services.site.naming import UnfitName, checked_name, plain_text

RESERVED_NAMES = frozenset({"category", "new", "page"})
"""Words that stand in the place of a short name in addresses of our own."""
NO_ADDRESS = re.compile(r"[/\\?#%\x00-\x1f\x7f]|^\.{1,2}$")
"""What no address of ours can hold in the place of a short name. The form is stricter, as in the original."""
GUARDED_INFO = ("passwd_hash", "autoimporter", "onesignal")
"""Keys of `info` with rules of their own, which writing `info` as a whole must not get around
(docs/contract/gaps.md 3.5)."""
GUARDED_COLUMNS = ("owner_id", "owners_ids", "featured", "contacted", "published", "secret_key")
"""What is changed by actions of their own only."""


def check_short_name(short_name: str) -> str:
    """The short name as it is kept; otherwise raises UnsupportedMedia (its kind is what API clients read)."""
    try:
        kept = checked_name(short_name)
    except UnfitName as unfit:
        raise UnsupportedMedia(f"Project short_name is not valid. {unfit}") from None
    if kept.casefold() in RESERVED_NAMES or skeleton(kept) in map(skeleton, RESERVED_NAMES):
        raise UnsupportedMedia("Project short_name is not valid, as it's used by the system.")
    if NO_ADDRESS.search(kept):
        raise UnsupportedMedia("Project short_name is not valid: it has characters that addresses cannot have.")
    return kept


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with a name that turns nothing around it."""
    name = values.get("name")
    return dict(values) | ({"name": plain_text(name)} if isinstance(name, str) else {})


async def refusals(
    session: AsyncSession, name: str | None, short_name: str | None, *, own: Project | None = None
) -> list[Invalid]:
    """Why the project (`own`, if it is there already) cannot have this name or short name: all of it, so that nobody is
    told in two rounds. None is not asked about."""
    projects, found = ProjectRepository(session), []
    if name is not None and (own is None or name != own.name) and await projects.find_where(Project.name == name):
        found.append(Invalid("name", _("Name is already taken")))
    if short_name is None or (own is not None and short_name == own.short_name):
        return found
    try:
        check_short_name(short_name)
    except UnsupportedMedia as wrong:
        found.append(Invalid("short_name", wrong.message))
    if await projects.find_by_short_name(short_name):
        found.append(Invalid("short_name", _("Short name is already taken")))
    return found


async def create(
    session: AsyncSession, settings: Settings, actor: Actor, values: Mapping[str, Any], channel: Channel
) -> Project:
    """A new draft of the caller's. `values` are columns; the category is the first one unless given. Raises OverQuota
    where they own as many as they may."""
    require(actor, Action.PROJECT_CREATE)
    await quotas.require_room_for_project(session, settings, actor)
    if values.get("short_name"):
        values = {**values, "short_name": check_short_name(values["short_name"])}
    category_id = values.get("category_id")
    if category_id is None:
        category_id = await CategoryRepository(session).first_id()
    elif not await CategoryRepository(session).exists(category_id):
        raise BadRequest("category_id does not exist")
    kept = {name: value for name, value in _plain(values).items() if name not in GUARDED_COLUMNS}
    info = {key: value for key, value in (kept.get("info") or {}).items() if key not in GUARDED_INFO}
    project = Project(
        **kept | {"info": info, "category_id": category_id, "owner_id": actor.user_id, "owners_ids": [actor.user_id]}
    )
    # A refused name must leave a transaction in which the form can be shown again.
    await try_to_add(session, project)
    auditing.record_created(session, actor, project, channel)
    return project


async def update(
    session: AsyncSession, actor: Actor, project: Project, values: Mapping[str, Any], channel: Channel
) -> None:
    """Change columns of the project. What has an action of its own is left as it is."""
    require(actor, Action.PROJECT_UPDATE, about_project(project))
    changes = {name: value for name, value in _plain(values).items() if name not in GUARDED_COLUMNS}
    if changes.get("short_name") and changes["short_name"] != project.short_name:
        changes["short_name"] = check_short_name(changes["short_name"])
    if "category_id" in changes:
        wanted = changes["category_id"]
        if wanted is None or not await CategoryRepository(session).exists(wanted):
            raise BadRequest("category_id does not exist")
    if "info" in changes:
        changes["info"] = guarded_info(project.info, changes["info"])
    before = {name: getattr(project, name) for name in changes}
    await try_to_change(session, project, changes | {"updated": datetime.now(UTC)})
    auditing.record_changes(session, actor, project, channel, before, changes)


def guarded_info(old: Mapping[str, Any], new: Any) -> dict[str, Any]:
    """The new info, its guarded keys as they were. Raises Invalid if it is no object."""
    if not isinstance(new, dict):
        raise Invalid("info", "The project's info must be an object.")
    kept = {key: old[key] for key in GUARDED_INFO if key in old}
    return {key: value for key, value in new.items() if key not in GUARDED_INFO} | kept


async def facts_of(session: AsyncSession, project: Project) -> Facts:
    """The facts that deleting needs too: whether anything has come of the project."""
    return replace(about_project(project), has_results=await ProjectRepository(session).has_results(project.id))


async def delete(
    session: AsyncSession, queue: Queue, actor: Actor, project: Project, channel: Channel, *, confirmed: bool = False
) -> None:
    """Remove the project with all that belongs to it, its files by a job. Once it has results only for who has
    `confirmed` that they go, too."""
    require(actor, Action.PROJECT_DELETE, replace(await facts_of(session, project), confirmed=confirmed))
    auditing.record_deleted(session, actor, project, channel)
    await session.flush()
    await ProjectRepository(session).remove(project)
    await queue.enqueue(session, files.SWEEP, queue="low")


async def pause(session: AsyncSession, actor: Actor, project: Project, *, paused: bool) -> None:
    """Hand out none of its tasks for now, or hand them out again. What is in volunteers' hands may be answered."""
    require(actor, Action.PROJECT_UPDATE, about_project(project))
    before = project.paused
    await try_to_change(session, project, {"paused": paused})
    auditing.record_changes(session, actor, project, "web", {"paused": before}, {"paused": paused})


async def let_try(session: AsyncSession, actor: Actor, project: Project, *, wanted: bool) -> None:
    """Make a new link by which others may try the draft, or end the one that there is: either ends the old one."""
    require(actor, Action.PROJECT_UPDATE, about_project(project))
    before, key = project.tryout_key, token_urlsafe(16) if wanted else None
    await try_to_change(session, project, {"tryout_key": key})
    auditing.record_changes(session, actor, project, "web", {"tryout_key": before}, {"tryout_key": key})


async def feature(session: AsyncSession, actor: Actor, project: Project, *, featured: bool) -> None:
    """Put the project forward on the site's pages, or no more. Raises UnsupportedMedia where it is so already."""
    require(actor, Action.PROJECT_FEATURE)
    if project.featured == featured:
        raise UnsupportedMedia(f"Project.id {project.id} {'is already' if featured else 'is not'} featured")
    await try_to_change(session, project, {"featured": featured, "updated": datetime.now(UTC)})
    auditing.record_changes(session, actor, project, "web", {"featured": not featured}, {"featured": featured})
    action = "feature" if featured else "unfeature"
    await admin_record.note(session, actor, action, "project", project.id, project.short_name)


async def set_password(session: AsyncSession, actor: Actor, project: Project, passwd_hash: str | None) -> None:
    """Ask strangers for a password from now on, or for none."""
    require(actor, Action.PROJECT_UPDATE, about_project(project))
    await ProjectRepository(session).lock(project)
    old = project.info.get("passwd_hash")
    if old == passwd_hash:
        return
    rest = {key: value for key, value in project.info.items() if key != "passwd_hash"}
    project.info = rest | ({"passwd_hash": passwd_hash} if passwd_hash else {})
    auditing.record(session, actor, project, "web", action="update", attribute="passwd_hash", old=old, new=passwd_hash)
    await session.flush()


async def reset_secret(session: AsyncSession, actor: Actor, project: Project) -> None:
    """A new secret key for the project's own apps."""
    require(actor, Action.PROJECT_RESET_SECRET, about_project(project))
    project.secret_key = str(uuid4())
    auditing.record(session, actor, project, "web", action="update", attribute="secret_key", old="old", new="new")
    await session.flush()


async def set_info(session: AsyncSession, actor: Actor, project: Project, changes: Mapping[str, Any]) -> None:
    """Change keys of `info` (a presenter, the scheduler, a picture); what others write to its other keys stays."""
    require(actor, Action.PROJECT_UPDATE, about_project(project))
    await ProjectRepository(session).lock(project)
    await update(session, actor, project, {"info": {**project.info, **changes}}, "web")


async def set_redundancy(
    session: AsyncSession, queue: Queue, actor: Actor, project: Project, n_answers: int
) -> list[tuple[int, int]]:
    """All tasks of the project want this many answers; (task, result) of those that completed by it, which the
    project's own server is told (docs/contract/gaps.md 2.3)."""
    require(actor, Action.PROJECT_UPDATE, about_project(project))
    completed = await redundancy.set_for_project(session, project.id, n_answers)
    auditing.record(
        session, actor, project, "web", action="update", attribute="task.n_answers", old="N/A", new=str(n_answers)
    )
    await webhooks.announce_all(session, queue, project, completed)
    return completed


async def set_priority(
    session: AsyncSession, actor: Actor, project: Project, task_ids: list[int], priority: float
) -> list[int]:
    """Give these tasks a priority; the ids that are no tasks of the project are returned."""
    require(actor, Action.TASK_UPDATE, about_project(project))
    before = await TaskRepository(session).prioritise(project.id, task_ids, priority)
    for task_id, old in before.items():
        auditing.record(
            session,
            actor,
            project,
            "web",
            action="update",
            attribute="task.priority_0",
            old={"task_id": task_id, "task_priority_0": old},
            new={"task_id": task_id, "task_priority_0": priority},
        )
    return [task_id for task_id in task_ids if task_id not in before]


async def delete_tasks(session: AsyncSession, actor: Actor, project: Project) -> int:
    """Delete the tasks that have no result, with their answers; how many."""
    require(actor, Action.PROJECT_UPDATE, about_project(project))
    return await TaskRepository(session).remove_without_results(project.id)
