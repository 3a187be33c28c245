"""Export: all of a project's tasks, answers or results as a zip (docs/contract/pages.md 4.4)."""

from quart import Blueprint

from webapp.errors import NotFound
from webapp.http.page import RequestContext, page
from webapp.http.stream import Download
from webapp.policies import Action
from webapp.services import exporting
from webapp.services.exporting.folder import ExportRequest
from webapp.viewmodels.project.editing import SettingsPage
from webapp.viewmodels.project.exporting import ExportPage
from webapp.views.project.context import ProjectContext, gated_context, owned_context
from webapp.views.project.editing import settings_page

blueprint = Blueprint("project_exporting", __name__)
CONTENT_TYPE = "application/octet-stream"


@page(blueprint, "/project/<short_name>/tasks/export", action=Action.PROJECT_EXPORT, html_only=True)
async def export(ctx: RequestContext, short_name: str) -> ExportPage | Download:
    """What there is to download; with `type` and `format` the download itself, or what is left of it (`Range`)."""
    context = await gated_context(ctx, short_name)
    context.require(Action.PROJECT_EXPORT)
    kind, format_name = ctx.args.get("type"), ctx.args.get("format")
    if not kind and not format_name:
        return await context.page(ExportPage, active="tasks", title=context.title("Export"))
    if not kind or not format_name:
        raise NotFound
    exporting.check(kind, format_name)
    filename = f"{context.project.id}_{context.project.short_name}_{kind}_{format_name}.zip"
    return await _download(ctx, context, kind, format_name, filename)


@page(blueprint, "/project/<short_name>/projectreport/export", action=Action.PROJECT_UPDATE, sign_in=True)
async def report(ctx: RequestContext, short_name: str) -> SettingsPage | Download:
    """The figures of the project and of each of its users (`type=project&format=csv`); without either, its settings."""
    context = await owned_context(ctx, short_name)
    kind, format_name = ctx.args.get("type"), ctx.args.get("format")
    if not kind and not format_name:
        return await settings_page(ctx, context)
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
