"""Export: all of a project's tasks, answers or results as a zip (docs/contract/pages.md 4.4)."""

from typing import Any

from quart import Blueprint

from db.models import CkanExport, User
from db.queries.reading import ckan_exports
from db.repositories.rows import find_row
from db.session import AsyncSession
from webapp.errors import NotFound
from webapp.http.page import RequestContext, page
from webapp.http.stream import Download, Events
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services import exporting
from webapp.services.exporting import ckan
from webapp.services.exporting.folder import ExportRequest
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.project.editing import SettingsPage
from webapp.viewmodels.project.exporting import CkanProgressPage, ExportPage
from webapp.views.project.context import ProjectContext, gated_context, owned_context
from webapp.views.project.editing import settings_page
from webapp.views.project.following import follow

blueprint = Blueprint("project_exporting", __name__)
CONTENT_TYPE = "application/octet-stream"


@page(blueprint, "/project/<short_name>/tasks/export", action=Action.PROJECT_EXPORT, html_only=True)
async def export(ctx: RequestContext, short_name: str) -> ExportPage | Download:
    """What there is to download; with `type` and `format` the download itself, or what is left of it (`Range`)."""
    context = await gated_context(ctx, short_name)
    context.require(Action.PROJECT_EXPORT)
    kind, format_name = ctx.args.get("type"), ctx.args.get("format")
    if not kind and not format_name:
        return await _page(ctx, context)
    if not kind or not format_name:
        raise NotFound
    if format_name == ckan.FORMAT:
        # What leads there changes something elsewhere, and is a button of the page.
        ckan.check(ctx.settings, await _caller(ctx), kind)
        context.require(Action.PROJECT_UPDATE)
        return await _page(ctx, context)
    exporting.check(kind, format_name)
    filename = f"{context.project.id}_{context.project.short_name}_{kind}_{format_name}.zip"
    return await _download(ctx, context, kind, format_name, filename)


async def _page(ctx: RequestContext, context: ProjectContext) -> ExportPage:
    made = await context.page(ExportPage, active="tasks", title=context.title("Export"), csrf=ctx.csrf())
    if ctx.settings.ckan_url is not None and context.may(Action.PROJECT_UPDATE):
        caller = await _caller(ctx)
        made.ckan = {"name": ctx.settings.ckan_name, "has_key": bool(caller and caller.ckan_api)}
        made.recent = [_shown(one) for one in await ckan_exports.recent(ctx.session, context.project.id)]
    return made


async def _caller(ctx: RequestContext) -> User | None:
    return await find_row(ctx.session, User, ctx.actor.user_id) if ctx.actor.user_id is not None else None


def _shown(row: CkanExport) -> dict[str, Any]:
    return {
        "id": row.id,
        "created": row.created,
        "kind": row.kind,
        "state": row.state,
        "n_total": row.n_total,
        "n_sent": row.n_sent,
        "error": row.error,
    }


@page(
    blueprint,
    "/project/<short_name>/tasks/export/ckan",
    methods=("POST",),
    action=Action.PROJECT_UPDATE,
    sign_in=True,
)
async def export_to_ckan(ctx: RequestContext, short_name: str) -> Redirect:
    """Have all rows of a `type` exported to the site's CKAN, by the caller's key there."""
    context = await owned_context(ctx, short_name)
    services, kind = ctx.app_services, str(ctx.body.get("type") or "")
    row = await ckan.start(ctx.session, services.queue, ctx.settings, ctx.actor, context.project, kind)
    await ctx.flash(_("It is being exported: you may leave this page, it goes on without you."), "message")
    return Redirect(context.url(f"tasks/export/{row.id}"), status="message", extra={"export": row.id})


@page(blueprint, "/project/<short_name>/tasks/export/<int:export_id>", action=Action.PROJECT_UPDATE, sign_in=True)
async def progress(ctx: RequestContext, short_name: str, export_id: int) -> CkanProgressPage:
    """How far an export to CKAN is."""
    context = await owned_context(ctx, short_name)
    row = await ckan_exports.find(ctx.session, context.project.id, export_id)
    if row is None:
        raise NotFound
    return await context.page(
        CkanProgressPage,
        active="export",
        title=context.title("Export"),
        progress=_shown(row),
        ckan_name=ctx.settings.ckan_name,
        package_url=ckan.package_url(ctx.settings, context.project),
    )


@page(
    blueprint, "/project/<short_name>/tasks/export/<int:export_id>/events", action=Action.PROJECT_UPDATE, sign_in=True
)
async def events(ctx: RequestContext, short_name: str, export_id: int) -> Events:
    """The same as it changes, as server-sent events; the stream ends with the export."""
    context = await owned_context(ctx, short_name)
    if await ckan_exports.find(ctx.session, context.project.id, export_id) is None:
        raise NotFound

    async def look(session: AsyncSession) -> dict[str, Any] | None:
        row = await ckan_exports.find(session, context.project.id, export_id)
        return _shown(row) if row is not None else None

    return Events(follow(ctx, look))


@page(blueprint, "/project/<short_name>/projectreport/export", action=Action.PROJECT_UPDATE, sign_in=True)
async def report(ctx: RequestContext, short_name: str) -> SettingsPage | Redirect | Download:
    """The figures of the project and of each of its users (`type=project&format=csv`); without either, its settings."""
    context = await owned_context(ctx, short_name)
    kind, format_name = ctx.args.get("type"), ctx.args.get("format")
    if not kind and not format_name:
        return await settings_page(ctx, context) if ctx.wants_json else Redirect(context.url("settings"))
    if not kind or not format_name:
        raise NotFound
    exporting.check_report(kind, format_name)
    filename = f"{context.project.id}_{context.project.short_name}_project_report.zip"
    return await _download(ctx, context, kind, format_name, filename)


async def _download(
    ctx: RequestContext, context: ProjectContext, kind: str, format_name: str, filename: str
) -> Download:
    """The export as it is being made, or what is left of it."""
    project, actor = context.project, ctx.actor
    caller = f"user:{actor.user_id}" if actor.user_id is not None else f"ip:{ctx.client_ip}"
    export_request = ExportRequest(project.id, kind, format_name, ctx.args.get("raw") == "1", caller)
    if ctx.method == "HEAD":
        return Download(filename, CONTENT_TYPE, b"")
    await ctx.release_database()
    if (rest := await _rest(ctx, export_request, filename)) is not None:
        return rest
    begun = await ctx.app_services.exports.begin(export_request, project.short_name)
    return Download(filename, CONTENT_TYPE, begun.content, headers=_resumable(begun.tag))


async def _rest(ctx: RequestContext, export_request: ExportRequest, filename: str) -> Download | None:
    """The part that is asked for of an export that this reader has begun to read; None if there is none, and who asks
    for it gets a new one. `If-Range` says which one it is: without it, the only one of late."""
    asked, condition = ctx.request.range, ctx.request.headers.get("If-Range")
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1 or asked.ranges[0][0] == 0:
        return None
    kept = await ctx.app_services.exports.find(export_request, condition.strip('"') if condition is not None else None)
    if kept is None:
        return None
    span = asked.range_for_length(kept.size)
    if span is None:
        kept.file.close()
        none = _resumable(kept.tag) | {"Content-Range": f"bytes */{kept.size}"}
        return Download(filename, CONTENT_TYPE, b"", code=416, headers=none)
    start, stop = span
    part = {"Content-Range": f"bytes {start}-{stop - 1}/{kept.size}", "Content-Length": str(stop - start)}
    return Download(filename, CONTENT_TYPE, kept.part(start, stop), code=206, headers=_resumable(kept.tag) | part)


def _resumable(tag: str) -> dict[str, str]:
    return {"Accept-Ranges": "bytes", "ETag": f'"{tag}"'}
