"""Export to a CKAN site: a package a project, a resource a kind of rows, whose rows can be asked for there
(docs/contract/jobs.md 7).

Safe to do twice: package and resource are found again by their names, the rows are sent anew from the first, each known
by its id.
"""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from time import monotonic
from typing import IO, Any
from urllib.parse import quote

from db import json
from db.models import CkanExport, Project, User
from db.models.task_import import DONE, FAILED, RUNNING
from db.queries.reading import ckan_exports, exports
from db.repositories.rows import add_row, find_row
from db.session import AsyncSession, Database
from webapp.actor import Actor
from webapp.config import Settings
from webapp.errors import NotFound, UnsupportedMedia, WorkbeeError
from webapp.i18n import gettext as _
from webapp.integrations.ckan import Ckan, CkanRefused
from webapp.integrations.outbound import ForbiddenAddress, Outbound
from webapp.integrations.queue import IMPORTS, Queue
from webapp.policies import Action, about_project, require
from webapp.services.exporting import KINDS
from webapp.services.importing.spooling import spool
from webapp.urls import project_url

JOB = "export_to_ckan"
FORMAT = "ckan"
CHUNK_ROWS = 200
CHUNK_BYTES = 1024 * 1024
RECORD_EVERY_S = 0.5
ENDED = (DONE, FAILED)
HOPELESS = (CkanRefused, ForbiddenAddress)
"""Trying again changes nothing about these."""


def check(settings: Settings, user: User | None, kind: str) -> None:
    """Raises UnsupportedMedia where the site has no CKAN, or the account no key for it; NotFound for no such rows."""
    if settings.ckan_url is None or user is None or not user.ckan_api:
        raise UnsupportedMedia
    if kind not in KINDS:
        raise NotFound


async def start(
    session: AsyncSession, queue: Queue, settings: Settings, actor: Actor, project: Project, kind: str
) -> CkanExport:
    """Have the worker export these rows by the caller's key; the export, or the one that is under way. Raises as
    `check`."""
    require(actor, Action.PROJECT_UPDATE, about_project(project))
    check(settings, await find_row(session, User, actor.user_id or 0), kind)
    if (row := await ckan_exports.under_way(session, project.id, kind)) is not None:
        return row
    row = CkanExport(project_id=project.id, user_id=actor.user_id, kind=kind)
    await add_row(session, row)
    # Of one person one after another, imports among them: a site that takes its time holds up nobody else's.
    await queue.enqueue(session, JOB, queue=IMPORTS, export_id=row.id, lock=f"import:user:{actor.user_id}")
    return row


async def run(database: Database, outbound: Outbound, settings: Settings, export_id: int) -> None:
    """Do an export that waits. What may pass is raised, for the job to be tried again."""
    begun = await _begin(database, export_id)
    if begun is None:
        return
    row, project, user = begun
    if settings.ckan_url is None or not user.ckan_api:
        await fail(database, export_id, CkanRefused(_("There is no key for CKAN any more."), code=0))
        return
    try:
        with spool() as file:
            n_total = await _copy(database, row, file)
            await _send(
                database, Ckan(outbound, settings.ckan_url, user.ckan_api), settings, row, project, user, file, n_total
            )
    except HOPELESS as error:
        await fail(database, export_id, error)


async def _begin(database: Database, export_id: int) -> tuple[CkanExport, Project, User] | None:
    async with database.unit() as uow:
        row = await ckan_exports.lock(uow.session, export_id)
        if row is None or row.state in ENDED:
            return None
        project = await find_row(uow.session, Project, row.project_id)
        user = await find_row(uow.session, User, row.user_id or 0)
        if project is None or user is None:
            row.state, row.finished, row.error = FAILED, datetime.now(UTC), _("Whoever began it has gone.")
            return None
        row.state, row.started, row.n_sent = RUNNING, row.started or datetime.now(UTC), 0
    return row, project, user


async def _copy(database: Database, row: CkanExport, file: IO[bytes]) -> int:
    """Copy all rows to the file, of one moment: the database is not kept waiting for the other site. How many."""
    n_rows = 0

    async def take(block: bytes) -> None:
        nonlocal n_rows
        n_rows += block.count(b"\n")
        await asyncio.to_thread(file.write, block)

    async with database.unit(read_only=True) as uow:
        await exports.begin_snapshot(uow.session)
        await exports.copy_rows(uow.session, row.kind, row.project_id, take)
    file.seek(0)
    return n_rows


async def _send(
    database: Database,
    ckan: Ckan,
    settings: Settings,
    row: CkanExport,
    project: Project,
    user: User,
    file: IO[bytes],
    n_total: int,
) -> None:
    resource = await _resource(ckan, await _package(ckan, settings, project, user), settings, project, row.kind)
    await ckan.find("datastore_delete", {"resource_id": resource, "force": True})
    fields = exports.field_types(row.kind)
    made = {"resource_id": resource, "force": True, "primary_key": "id"}
    await ckan.call("datastore_create", made | {"fields": [{"id": name, "type": kind} for name, kind in fields]})
    n_sent, recorded = 0, float("-inf")
    chunks = _chunks(file)
    while chunk := await asyncio.to_thread(next, chunks, None):
        # By their ids: one whose answer was lost and that is sent again is there once.
        sent = {"resource_id": resource, "force": True, "method": "upsert"}
        await ckan.call("datastore_upsert", sent | {"records": chunk})
        n_sent += len(chunk)
        if monotonic() - recorded > RECORD_EVERY_S:
            recorded = monotonic()
            await _record(database, row.id, n_total, n_sent)
    await _record(database, row.id, n_total, n_sent, ended=True)


async def _package(ckan: Ckan, settings: Settings, project: Project, user: User) -> dict[str, Any]:
    """The package of the project, made or brought up to date."""
    told: dict[str, Any] = {
        "name": package_name(project),
        "title": project.name,
        "notes": project.description,
        "author": user.fullname,
        "type": "app",
    }
    if settings.base_url is not None:
        told["url"] = settings.base_url + project_url(project.short_name)
    found = await ckan.find("package_show", {"id": told["name"]})
    if found is None:
        made: dict[str, Any] = await ckan.call("package_create", told)
        return made
    # A patch, since an update without the package's resources would take them away.
    await ckan.call("package_patch", told | {"id": found["id"]})
    return dict(found)


def package_name(project: Project) -> str:
    """The name of the project's package there."""
    return project.short_name


def package_url(settings: Settings, project: Project) -> str:
    """Where the package is, or would be; "" on a site without CKAN."""
    return f"{settings.ckan_url}/dataset/{quote(package_name(project), safe='')}" if settings.ckan_url else ""


async def _resource(ckan: Ckan, package: dict[str, Any], settings: Settings, project: Project, kind: str) -> str:
    """The id of the resource of these rows, made where there is none."""
    for one in package.get("resources") or []:
        if one.get("name") == kind:
            return str(one["id"])
    address = f"{settings.base_url or ''}{project_url(project.short_name, 'tasks/export')}?type={kind}&format=json"
    told = {"package_id": package["id"], "name": kind, "url": address, "format": "JSON"}
    return str((await ckan.call("resource_create", told))["id"])


def _chunks(file: IO[bytes]) -> Iterator[list[Any]]:
    """Some rows at a time, fewer of large ones."""
    chunk: list[Any] = []
    size = 0
    for line in file:
        if chunk and (len(chunk) == CHUNK_ROWS or size + len(line) > CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(json.loads(line))
        size += len(line)
    if chunk:
        yield chunk


async def _record(database: Database, export_id: int, n_total: int, n_sent: int, *, ended: bool = False) -> None:
    async with database.unit() as uow:
        row = await ckan_exports.lock(uow.session, export_id)
        if row is None or row.state in ENDED:
            return
        row.n_total, row.n_sent = n_total, n_sent
        if ended:
            row.state, row.finished = DONE, datetime.now(UTC)


async def fail(database: Database, export_id: int, error: Exception) -> None:
    """Give the export up, unless it has ended; its owner reads why."""
    async with database.unit() as uow:
        row = await ckan_exports.lock(uow.session, export_id)
        if row is None or row.state in ENDED:
            return
        unexpected = _("Something went wrong on this server. Please try again.")
        row.error = error.message if isinstance(error, WorkbeeError) else unexpected
        row.state, row.finished = FAILED, datetime.now(UTC)
