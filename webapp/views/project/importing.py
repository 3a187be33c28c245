"""Import: tasks from a file, an address or a spreadsheet, with a preview and a progress that survives leaving
(docs/contract/pages.md 4.4)."""

from dataclasses import asdict
from typing import Any

from quart import Blueprint

from db.models import TaskImport
from db.queries.importing.imports import find_import, recent_imports
from db.session import AsyncSession
from webapp.errors import Invalid, NotFound, OverQuota
from webapp.forms.base import WorkbeeForm
from webapp.forms.project.importing import ADDRESS_FIELDS, FORMS, RECORD_FIELDS, TABLE_FIELDS
from webapp.http.forms import handle_form
from webapp.http.page import RequestContext, Weight, page
from webapp.http.stream import Events
from webapp.i18n import gettext as _
from webapp.policies import Action, can
from webapp.services import importing
from webapp.services.importing import records, sources, starting_points, task_imports
from webapp.services.importing.records.access import lacking_keys
from webapp.services.importing.sources import Source
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.project.importing import ChooserImportPage, ImportPage, ImportProgressPage
from webapp.views.project.context import ProjectContext, owned_context
from webapp.views.project.following import follow

blueprint = Blueprint("project_importing", __name__)


@page(
    blueprint,
    "/project/<short_name>/tasks/import",
    methods=("GET", "POST"),
    weight=Weight.IMPORT,
    action=Action.PROJECT_IMPORT_TASKS,
    sign_in=True,
    forms=tuple(FORMS.values()),
)
async def choose(ctx: RequestContext, short_name: str) -> ImportPage | Redirect:
    """Choose a source, look at its first rows, import it: small files at once, larger ones in the background."""
    context = await owned_context(ctx, short_name, Action.PROJECT_IMPORT_TASKS)
    kind = str(ctx.body.get("form_name") or ctx.args.get("type") or "")
    if not kind:
        return await _page(ctx, context)
    if kind not in FORMS:
        raise NotFound
    form = ctx.bind(FORMS[kind], _prefilled(ctx, kind))

    async def take() -> ImportPage | Redirect:
        try:
            return await _take(ctx, context, kind, form)
        except Invalid as wrong:
            first = RECORD_FIELDS[kind][0] if kind in RECORD_FIELDS else ADDRESS_FIELDS.get(kind, "file")
            field = wrong.field if wrong.field in form and wrong.field != "file" else first
            raise Invalid(field, wrong.message) from wrong

    return await handle_form(ctx, form, act=take, show=lambda: _page(ctx, context, kind, form), explain=True)


def _prefilled(ctx: RequestContext, kind: str) -> dict[str, Any]:
    """What `?template=` fills into the form of an address."""
    name = ctx.args.get("template", "")
    found = starting_points.address_of(name, ctx.site_origin, ctx.settings.table_addresses)
    return {TABLE_FIELDS[kind]: found} if found and kind in TABLE_FIELDS else {}


async def _page(
    ctx: RequestContext,
    context: ProjectContext,
    kind: str = "",
    form: WorkbeeForm | None = None,
    preview: importing.Preview | None = None,
) -> ImportPage:
    lacking = lacking_keys(ctx.settings)
    chooser = ctx.settings.dropbox_app_key if kind == "dropbox" else None
    return await context.page(
        ChooserImportPage if chooser else ImportPage,
        active="import",
        dropbox_app_key=chooser or "",
        title=context.title("Import Tasks"),
        loading_text=_("Importing tasks, this may take a while, wait..."),
        form=ctx.form_model(form) if form is not None else None,
        available_importers=[f"projects/tasks/{name}.html" for name in FORMS if name not in lacking],
        task_tmpls=[f"projects/tasks/gdocs-{name}.html" for name in starting_points.NAMES],
        kind=kind,
        lacking=lacking,
        administers=can(ctx.actor, Action.ADMIN),
        starting_points=list(starting_points.NAMES) if not kind else [],
        preview=asdict(preview) if preview else None,
        recent=[task_imports.shown(one) for one in await recent_imports(ctx.session, context.project.id)],
    )


async def _take(ctx: RequestContext, context: ProjectContext, kind: str, form: WorkbeeForm) -> ImportPage | Redirect:
    """Preview or import what the form names. Raises Invalid."""
    source = await _opened(ctx, context, kind, form)
    files, project = ctx.app_services.file_store, context.project
    with source.file:
        if ctx.body.get("btn") == "preview":
            shown = await task_imports.look_into(ctx.uow, files, ctx.actor, project, source)
            if "kept" in form:
                form["kept"].data = source.upload.name if source.upload else ""
            return await _page(ctx, context, kind, form, shown)
        rows, most = ctx.settings.import_inline_rows, ctx.settings.most_tasks
        try:
            taken = await task_imports.take(
                ctx.uow, files, ctx.app_services.queue, ctx.actor, project, source, inline_rows=rows, most_tasks=most
            )
        except OverQuota as full:
            raise Invalid("file", full.message) from full
    if isinstance(taken, TaskImport):
        return await _started(ctx, context, taken)
    # One message, so that the page stays in sight, and clients, who are given the last one, are told all.
    await ctx.flash(taken.message(), taken.status)
    return Redirect(context.url("tasks/"), status=taken.status, extra={"report": _told(taken)})


async def _opened(ctx: RequestContext, context: ProjectContext, kind: str, form: WorkbeeForm) -> Source:
    """The source that the form names: an address, an upload kept for its preview, or the file that was sent. Raises
    Invalid."""
    if kind in ADDRESS_FIELDS:
        # Nothing has been written yet: while another server takes its time, the database is let go.
        await ctx.release_database()
        address = str(form[ADDRESS_FIELDS[kind]].data).strip()
        if (table := starting_points.find(address, ctx.site_origin)) is not None:
            return await sources.open_starting_point(kind, address, table)
        return await sources.open_address(ctx.app_services.outbound, kind, address)
    if kind in RECORD_FIELDS:
        await ctx.release_database()
        return await sources.open_records(ctx.app_services.import_access, kind, _values(ctx, context, kind, form))
    if kept := str(form["kept"].data or ""):
        files, storage = ctx.app_services.file_store, ctx.app_services.storage
        return await sources.open_kept(ctx.uow, files, storage, context.project.id, kept, kind)
    sent = ctx.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid("file", _("You must provide a file"))
    return await sources.open_sent(sent.stream, sent.filename, kind)


def _values(ctx: RequestContext, context: ProjectContext, kind: str, form: WorkbeeForm) -> dict[str, Any]:
    """What the form says, its secret sealed; one that was not written again is that of the preview. Raises Invalid."""
    values = {name: form[name].data for name in RECORD_FIELDS[kind]}
    for name in records.SECRETS.get(kind, ()):
        values[name] = values[name] or form["sealed"].data
    values = records.sealed(ctx.app_services.import_access, kind, values, context.project.id)
    for name in records.SECRETS.get(kind, ()):
        form["sealed"].data = values[name]
    return values


async def _started(ctx: RequestContext, context: ProjectContext, row: TaskImport) -> Redirect:
    await ctx.flash(_("You're trying to import a large amount of tasks, so please be patient."), "message")
    target = context.url("tasks/") if ctx.wants_json else context.url(f"tasks/import/{row.id}")
    return Redirect(target, status="message", extra={"import": row.id})


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


@page(blueprint, "/project/<short_name>/tasks/import/<int:import_id>", action=Action.PROJECT_IMPORT_TASKS, sign_in=True)
async def progress(ctx: RequestContext, short_name: str, import_id: int) -> ImportProgressPage:
    """How far an import is; what became of its rows."""
    context = await owned_context(ctx, short_name, Action.PROJECT_IMPORT_TASKS)
    row = await find_import(ctx.session, context.project.id, import_id)
    if row is None:
        raise NotFound
    return await context.page(
        ImportProgressPage, active="import", title=context.title("Import Tasks"), progress=task_imports.shown(row)
    )


@page(
    blueprint,
    "/project/<short_name>/tasks/import/<int:import_id>/events",
    action=Action.PROJECT_IMPORT_TASKS,
    sign_in=True,
)
async def events(ctx: RequestContext, short_name: str, import_id: int) -> Events:
    """The same as it changes, as server-sent events; the stream ends with the import."""
    context = await owned_context(ctx, short_name, Action.PROJECT_IMPORT_TASKS)
    if await find_import(ctx.session, context.project.id, import_id) is None:
        raise NotFound

    async def look(session: AsyncSession) -> dict[str, Any] | None:
        row = await find_import(session, context.project.id, import_id)
        return task_imports.shown(row) if row is not None else None

    return Events(follow(ctx, look))
