"""The calls of a project's webhook (docs/contract/pages.md 4.2)."""

from quart import Blueprint

from db.models import Webhook
from db.repositories import WebhookRepository
from db.repositories.webhook import DELIVERED
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.i18n import ngettext
from webapp.policies import Action
from webapp.services.projects import webhooks
from webapp.viewmodels.page import Json, Redirect
from webapp.viewmodels.project.webhook import HookCall, HookCallsPage
from webapp.views.paging import asked_page
from webapp.views.project.context import ProjectContext, find_context
from webapp.views.project.paging import PER_PAGE, shortened

blueprint = Blueprint("project_webhook", __name__)


async def _with_calls(ctx: RequestContext, short_name: str) -> ProjectContext:
    context = await find_context(ctx, short_name)
    context.require_feature(Action.PROJECT_WEBHOOK, "webhooks")
    return context


@page(
    blueprint,
    "/project/<short_name>/webhook",
    methods=("GET", "POST"),
    action=Action.PROJECT_WEBHOOK,
    sign_in=True,
    html_only=True,
)
async def calls(ctx: RequestContext, short_name: str) -> HookCallsPage | Redirect:
    """The calls of the project's webhook; a POST makes all of them again, or with `failed` those that went wrong.

    In the original a GET with `all` or `failed` does that, for anybody who gets an owner to follow a link
    (docs/contract/gaps.md 3.10): here it shows the page, with the buttons.
    """
    context = await _with_calls(ctx, short_name)
    if ctx.posted:
        return await _call_again(ctx, context)
    wanted = asked_page(ctx, PER_PAGE)
    found = await WebhookRepository(ctx.session).page(context.project.id, limit=wanted.size, offset=wanted.offset)
    return await context.page(
        HookCallsPage,
        active="calls",
        title=context.title("Webhook"),
        calls=[_hook_call(row) for row in found.items],
        pagination=wanted.of(found.total),
        address=context.project.webhook,
        csrf=ctx.csrf(),
    )


def _hook_call(row: Webhook) -> HookCall:
    payload = row.payload if isinstance(row.payload, dict) else {}
    return HookCall(
        id=row.id,
        when=row.updated,
        task_id=payload.get("task_id"),
        status=row.response_status_code,
        answer=shortened(row.response) or "",
        delivered=row.response_status_code == DELIVERED,
    )


async def _call_again(ctx: RequestContext, context: ProjectContext) -> Redirect:
    n = await webhooks.call_all_again(
        ctx.session, ctx.app_services.queue, ctx.actor, context.project, failed_only="failed" in ctx.body
    )
    told = ngettext("%(n)s call is being made again", "%(n)s calls are being made again", n, n=n)
    await ctx.flash(told if n else _("There is no call to make again"), "success" if n else "info")
    return Redirect(context.url("webhook"))


@page(
    blueprint,
    "/project/<short_name>/webhook/<int:webhook_id>",
    methods=("POST",),
    action=Action.PROJECT_WEBHOOK,
    sign_in=True,
)
async def call_again(ctx: RequestContext, short_name: str, webhook_id: int) -> Json | Redirect:
    """Make one call again; JSON clients get its row."""
    context = await _with_calls(ctx, short_name)
    row = await WebhookRepository(ctx.session).get_in_project(context.project.id, webhook_id)
    await webhooks.call_again(ctx.session, ctx.app_services.queue, ctx.actor, context.project, row)
    if ctx.wants_json:
        return Json(webhooks.shown(row))
    await ctx.flash(_("The call is being made again"), "success")
    return Redirect(context.url("webhook"))
