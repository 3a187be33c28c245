"""Imports that are done again every day: what is new at their source becomes tasks, and the owner is told by mail when
there was something (docs/contract/jobs.md 5)."""

from collections.abc import Mapping
from typing import Any

from db.models import Project, TaskImport, User
from db.models.task_import import DONE
from db.queries.importing import autoimports
from db.repositories.project import ProjectRepository
from db.repositories.rows import find_row
from db.session import AsyncSession, Database
from webapp.actor import Actor
from webapp.config import Settings
from webapp.integrations.queue import Queue
from webapp.policies import Action, about_feature, about_project, can, require
from webapp.services.importing import task_imports
from webapp.services.importing.records import RECORDS, SECRETS
from webapp.services.importing.sources import csv_address
from webapp.services.projects import auditing

KEY = "autoimporter"
"""Of `project.info`: `type`, and what the form of that source says."""
FEATURE = "autoimporter"
KINDS = ("csv", "gdocs", "json", "epicollect", "iiif", "flickr", "youtube", "twitter")
"""Sources that may have something new tomorrow, by the names of their forms."""


async def set_up(session: AsyncSession, actor: Actor, project: Project, wanted: Mapping[str, Any] | None) -> None:
    """Import from there every day, or (None) no more. `wanted` has `type` and the values of that form, its secrets
    sealed. The route has asked for the feature."""
    require(actor, Action.PROJECT_IMPORT_TASKS, about_project(project))
    await ProjectRepository(session).lock(project)
    old = project.info.get(KEY)
    rest = {key: value for key, value in project.info.items() if key != KEY}
    project.info = rest | ({KEY: dict(wanted)} if wanted is not None else {})
    auditing.record(
        session,
        actor,
        project,
        "web",
        action="update",
        attribute=KEY,
        old=without_secrets(old),
        new=without_secrets(wanted),
    )
    await session.flush()


def without_secrets(wanted: Any) -> Any:
    """What may be shown and written down of an automatic import."""
    if not isinstance(wanted, Mapping):
        return wanted
    hidden = (*SECRETS.get(str(wanted.get("type")), ()), "sealed")
    return {name: value for name, value in wanted.items() if name not in hidden}


async def start_all(database: Database, queue: Queue, settings: Settings) -> int:
    """Begin today's import of every project that has one; where the feature is for pro users, of their projects alone.
    How many that were. One that is still being done is not begun again."""
    n_begun, last = 0, 0
    while True:
        async with database.unit() as uow:
            due = await autoimports.due_after(uow.session, last)
            for project, owner in due:
                n_begun += await _start(uow.session, queue, settings, project, owner)
        if not due:
            return n_begun
        last = due[-1][0].id


async def _start(session: AsyncSession, queue: Queue, settings: Settings, project: Project, owner: User) -> bool:
    wanted = project.info.get(KEY)
    actor = Actor(user_id=owner.id, name=owner.name, admin=owner.admin, pro=owner.pro)
    is_allowed = can(actor, Action.PRO_FEATURE, about_feature(FEATURE, settings.pro_features))
    if not isinstance(wanted, dict) or wanted.get("type") not in KINDS or not is_allowed:
        return False
    kind, values = wanted["type"], {key: value for key, value in wanted.items() if key != "type"}
    if kind in RECORDS:
        options: dict[str, Any] = {"records": kind, "values": values}
    else:
        options = {"address": csv_address(kind, str(next(iter(values.values()), ""))), "kind": kind}
    await task_imports.import_later(session, queue, actor, project, source=kind, options=options | {"automatic": True})
    return True


async def remember(database: Database, ended: TaskImport) -> None:
    """Have the next import of this project go on where this one has ended, if it is still of the same source."""
    metadata = ended.options.get("metadata")
    if not (metadata and ended.options.get("automatic") and ended.state == DONE):
        return
    async with database.unit() as uow:
        project = await find_row(uow.session, Project, ended.project_id)
        wanted = project.info.get(KEY) if project is not None else None
        if project is not None and isinstance(wanted, dict) and wanted.get("type") == ended.source:
            await ProjectRepository(uow.session).lock(project)
            project.info = project.info | {KEY: wanted | metadata}
            await uow.session.flush()
