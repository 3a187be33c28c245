"""Tasks in: from a file, an address or a spreadsheet, with a preview and a progress that survives leaving (01-pages
4.4)."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import IO, Any

from quart import Blueprint

from db.models import TaskImport
from db.queries.imports import find_import, recent_imports
from webapp.errors import Invalid, NotFound
from webapp.forms.base import WorkbeeForm
from webapp.forms.project.importers import ADDRESS_FIELDS, FORMS
from webapp.http.page import Call, Weight, page
from webapp.http.stream import Events
from webapp.i18n import gettext as _
from webapp.integrations.outbound import OutboundError
from webapp.policies import Action
from webapp.services import importing, task_imports
from webapp.services.files import FilePlace, StoredUpload
from webapp.services.importing.encodings import check_kind
from webapp.services.importing.sources import csv_address, download_head, from_storage, spool
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.project.importing import TEMPLATE_TASKS, ImportPage, ImportProgressPage
from webapp.views.project.context import ProjectContext, owned_context

blueprint = Blueprint("project_importers", __name__)
TICK_S = 1.0
NAMES = (".csv", ".tsv", ".tab", ".txt")
"""How the names of uploads end."""
LONGEST_STREAM = 3600
ENDED = ("done", "failed")


@page(
    blueprint,
    "/project/<short_name>/tasks/import",
    methods=("GET", "POST"),
    weight=Weight.IMPORT,
    action=Action.PROJECT_IMPORT_TASKS,
    sign_in=True,
)
async def choose(call: Call, short_name: str) -> ImportPage | Redirect:
    """Choose a source, look at its first rows, import it: small files at once, larger ones in the background."""
    context = await owned_context(call, short_name, Action.PROJECT_IMPORT_TASKS)
    kind = str(call.body.get("form_name") or call.args.get("type") or "")
    if not kind:
        return await _page(call, context)
    if kind not in FORMS:
        raise NotFound
    form = call.bind(FORMS[kind])
    if call.posted and form.validate():
        try:
            return await _take(call, context, kind, form)
        except Invalid as wrong:
            _refuse(form, wrong, kind)
            await call.refuse(wrong.message)
    elif call.posted:
        await call.refuse()
    return await _page(call, context, kind, form)


def _refuse(form: WorkbeeForm, wrong: Invalid, kind: str) -> None:
    form.refuse(Invalid(ADDRESS_FIELDS.get(kind, "file"), wrong.message))


async def _page(
    call: Call,
    context: ProjectContext,
    kind: str = "",
    form: WorkbeeForm | None = None,
    preview: importing.Preview | None = None,
) -> ImportPage:
    return await context.page(
        ImportPage,
        active="import",
        title=context.title("Import Tasks"),
        loading_text=_("Importing tasks, this may take a while, wait..."),
        form=call.form_model(form) if form is not None else None,
        available_importers=[f"projects/tasks/{name}.html" for name in FORMS],
        task_tmpls=[f"projects/tasks/gdocs-{name}.html" for name in TEMPLATE_TASKS],
        kind=kind,
        preview=asdict(preview) if preview else None,
        recent=[_shown(one) for one in await recent_imports(call.session, context.project.id)],
    )


async def _take(call: Call, context: ProjectContext, kind: str, form: WorkbeeForm) -> ImportPage | Redirect:
    """Preview or import what the form names. Raises Invalid."""
    source = await _opened(call, context, kind, form)
    with source.file as file:
        if call.body.get("btn") == "preview":
            shown = await asyncio.to_thread(importing.preview, file)
            await _keep(call, context, source)
            form["kept"].data = source.upload.name if source.upload else ""
            return await _page(call, context, kind, form, shown)
        inline = call.settings.import_inline_rows
        if not source.whole or await asyncio.to_thread(importing.has_more_rows_than, file, inline):
            return await _later(call, context, kind, source)
        report = await task_imports.import_now(call.session, call.actor, context.project, file)
    if source.upload is not None:
        call.uow.after_commit(partial(call.platform.file_store.remove_detached, source.upload.id))
    # One message, so that the page stays in sight, and clients, who are given the last one, are told all.
    await call.flash(report.message(), report.status)
    return Redirect(context.url("tasks/"), status=report.status, extra={"report": _told(report)})


def _told(report: importing.Report) -> dict[str, Any]:
    """What became of the rows, for clients: the same names as those of an import in the background."""
    return {
        "n_read": report.n_read,
        "n_added": report.n_added,
        "n_present": report.n_present,
        "n_empty": report.n_empty,
        "n_refused": report.n_refused,
        "refusals": [asdict(one) for one in report.refusals],
        "notes": report.notes,
    }


@dataclass
class _Source:
    """An open file, and what a job would need to open it again."""

    file: IO[bytes]
    whole: bool
    """False where only the beginning was fetched."""
    options: dict[str, Any]
    upload: StoredUpload | None = None
    """Where an upload is kept."""


async def _opened(call: Call, context: ProjectContext, kind: str, form: WorkbeeForm) -> _Source:
    if kind not in ADDRESS_FIELDS:
        return await _upload(call, context, form)
    address = csv_address(kind, str(form[ADDRESS_FIELDS[kind]].data).strip())
    # Nothing has been written yet: while another server takes its time, the database is let go.
    await call.release_database()
    try:
        file, whole = await download_head(call.platform.outbound, address)
    except OutboundError as error:
        raise Invalid("file", error.message) from error
    return _Source(file, whole, {"address": address})


async def _upload(call: Call, context: ProjectContext, form: WorkbeeForm) -> _Source:
    """The file that was sent with the form, or with the one before to look at its first rows."""
    container = f"import_{context.project.id}"
    kept = str(form["kept"].data or "")
    if kept:
        try:
            upload = await call.platform.file_store.find(call.uow, container, kept)
            file = await from_storage(call.platform.storage, container, kept)
        except NotFound:
            raise Invalid("file", _("This file is not here any more. Please choose it again.")) from None
        return _Source(file, True, {"container": container, "name": kept}, upload)
    sent = call.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid("file", _("You must provide a file"))
    # The same unit of work may be run again, so the request keeps its file, and this is a second one.
    sent.stream.seek(0)
    file = spool()
    await asyncio.to_thread(shutil.copyfileobj, sent.stream, file)
    await asyncio.to_thread(check_kind, file)
    if not sent.filename.lower().endswith(NAMES):
        raise Invalid("file", _("Oops! That file doesn't look like the right file."))
    file.seek(0)
    return _Source(file, True, {})


async def _keep(call: Call, context: ProjectContext, source: _Source) -> None:
    """Put an upload where the job, or the form after this one, finds it. One that no import comes to need is swept away
    after a day."""
    if source.options:
        return
    place = FilePlace(f"import_{context.project.id}", call.actor.user_id, context.project.id)
    stored = await call.platform.file_store.store(call.uow, place, "tasks.csv", source.file, "text/csv")
    source.upload, source.options = stored, {"container": stored.container, "name": stored.name}


async def _later(call: Call, context: ProjectContext, kind: str, source: _Source) -> Redirect:
    await _keep(call, context, source)
    row = await task_imports.import_later(
        call.session, call.platform.queue, call.actor, context.project, source=kind, options=source.options
    )
    if source.upload is not None:
        await call.platform.file_store.attach(call.uow, source.upload, TaskImport, row.id)
    await call.flash(_("You're trying to import a large amount of tasks, so please be patient."), "message")
    target = context.url("tasks/") if call.wants_json else context.url(f"tasks/import/{row.id}")
    return Redirect(target, status="message", extra={"import": row.id})


def _shown(row: TaskImport) -> dict[str, Any]:
    return {
        "id": row.id,
        "created": row.created,
        "source": row.source,
        "state": row.state,
        "n_total": row.n_total,
        "n_read": row.n_read,
        "n_added": row.n_added,
        "n_present": row.n_present,
        "n_empty": row.n_empty,
        "n_refused": row.n_refused,
        "refusals": row.refusals,
        "notes": row.notes,
        "error": row.error,
    }


@page(blueprint, "/project/<short_name>/tasks/import/<int:import_id>", action=Action.PROJECT_IMPORT_TASKS, sign_in=True)
async def progress(call: Call, short_name: str, import_id: int) -> ImportProgressPage:
    """How far an import is; what became of its rows."""
    context = await owned_context(call, short_name, Action.PROJECT_IMPORT_TASKS)
    row = await find_import(call.session, context.project.id, import_id)
    if row is None:
        raise NotFound
    return await context.page(
        ImportProgressPage, active="import", title=context.title("Import Tasks"), progress=_shown(row)
    )


@page(
    blueprint,
    "/project/<short_name>/tasks/import/<int:import_id>/events",
    action=Action.PROJECT_IMPORT_TASKS,
    sign_in=True,
)
async def events(call: Call, short_name: str, import_id: int) -> Events:
    """The same as it changes, as server-sent events; the stream ends with the import."""
    context = await owned_context(call, short_name, Action.PROJECT_IMPORT_TASKS)
    if await find_import(call.session, context.project.id, import_id) is None:
        raise NotFound
    return Events(_follow(call, context.project.id, import_id))


async def _follow(call: Call, project_id: int, import_id: int) -> AsyncIterator[Any]:
    """One look a second, each in a unit of work of its own: no connection is held between them."""
    last: dict[str, Any] | None = None
    for _tick in range(LONGEST_STREAM):
        async with call.platform.database.unit(read_only=True) as uow:
            row = await find_import(uow.session, project_id, import_id)
            now = _shown(row) if row is not None else None
        if now is None:
            return
        yield now if now != last else None
        if now["state"] in ENDED:
            return
        last = now
        await asyncio.sleep(TICK_S)
