"""The import that is done again every day (docs/contract/pages.md 4.4)."""

from typing import Any

from quart import Blueprint

from webapp.errors import Invalid, NotFound
from webapp.forms.project.importing import FORMS
from webapp.http.forms import handle_form
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.importing import automatic, records
from webapp.services.importing.records.access import lacking_keys
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.project.importing import AutoimportPage
from webapp.views.project.context import ProjectContext, find_context

blueprint = Blueprint("project_autoimporting", __name__)
AUTOMATIC = {kind: FORMS[kind] for kind in automatic.KINDS}


async def _with_autoimport(ctx: RequestContext, short_name: str) -> ProjectContext:
    context = await find_context(ctx, short_name)
    context.require_feature(Action.PROJECT_AUTOIMPORT, automatic.FEATURE)
    return context


@page(
    blueprint,
    "/project/<short_name>/tasks/autoimporter",
    methods=("GET", "POST"),
    action=Action.PROJECT_AUTOIMPORT,
    sign_in=True,
    html_only=True,
    forms=tuple(AUTOMATIC.values()),
)
async def autoimporter(ctx: RequestContext, short_name: str) -> AutoimportPage | Redirect:
    """What is imported every day, or the sources for that; with `type` the form of one, which sets it up."""
    context = await _with_autoimport(ctx, short_name)
    kind = str(ctx.body.get("form_name") or ctx.args.get("type") or "")
    if not kind and not ctx.posted:
        return await _page(ctx, context)
    if kind not in AUTOMATIC or kind in lacking_keys(ctx.settings):
        raise NotFound
    form = ctx.bind(AUTOMATIC[kind])

    async def save() -> Redirect:
        values: dict[str, Any] = {one.name: one.data for one in form if one.name not in ("form_name", "sealed")}
        if kind == "twitter" and not values["user_credentials"]:
            raise Invalid("user_credentials", _("You must provide a bearer token of X."))
        values = records.sealed(ctx.app_services.import_access, kind, values, context.project.id)
        await automatic.set_up(ctx.session, ctx.actor, context.project, {"type": kind} | values)
        await ctx.flash(_("What is new there comes every night from now on."), "success")
        return Redirect(context.url("tasks/autoimporter"), status="success")

    async def show() -> AutoimportPage:
        made = await _page(ctx, context)
        made.form, made.kind = ctx.form_model(form), kind
        return made

    return await handle_form(ctx, form, act=save, show=show)


async def _page(ctx: RequestContext, context: ProjectContext) -> AutoimportPage:
    found = context.project.info.get(automatic.KEY)
    return await context.page(
        AutoimportPage,
        active="autoimport",
        title=context.title("Import Tasks"),
        autoimporter=automatic.without_secrets(found) if isinstance(found, dict) else None,
        kinds=[kind for kind in AUTOMATIC if kind not in lacking_keys(ctx.settings)],
        csrf=ctx.csrf(),
    )


@page(
    blueprint,
    "/project/<short_name>/tasks/autoimporter/delete",
    methods=("POST",),
    action=Action.PROJECT_AUTOIMPORT,
    sign_in=True,
)
async def delete(ctx: RequestContext, short_name: str) -> Redirect:
    """Import nothing every day any more."""
    context = await _with_autoimport(ctx, short_name)
    await automatic.set_up(ctx.session, ctx.actor, context.project, None)
    await ctx.flash(_("Nothing comes by itself any more."), "success")
    return Redirect(context.url("tasks/"), always_302=True)
