"""Export: all of a project's tasks, answers or results as a zip (docs/contract/pages.md 4.4)."""

from quart import Blueprint

from webapp.errors import NotFound
from webapp.http.page import RequestContext, page
from webapp.http.stream import Download
from webapp.policies import Action
from webapp.services import exporting
from webapp.viewmodels.project.exporting import ExportPage
from webapp.views.project.context import gated_context

blueprint = Blueprint("project_exporting", __name__)
CONTENT_TYPE = "application/octet-stream"


@page(blueprint, "/project/<short_name>/tasks/export", action=Action.PROJECT_EXPORT, html_only=True)
async def export(ctx: RequestContext, short_name: str) -> ExportPage | Download:
    """What there is to download; with `type` and `format` the download itself."""
    context = await gated_context(ctx, short_name)
    context.require(Action.PROJECT_EXPORT)
    kind, format_name = ctx.args.get("type"), ctx.args.get("format")
    if not kind and not format_name:
        return await context.page(ExportPage, active="tasks", title=context.title("Export"))
    if not kind or not format_name:
        raise NotFound
    project, raw = context.project, ctx.args.get("raw") == "1"
    made = exporting.export(ctx.app_services.database, project.id, project.short_name, kind, format_name, raw=raw)
    return Download(made.filename, CONTENT_TYPE, made.content)
