"""A link by which others may try a draft."""

from hmac import compare_digest

from quart import Blueprint

from webapp.errors import NotFound
from webapp.http.page import RequestContext, page
from webapp.http.security.admission import let_try
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.projects import projects
from webapp.urls import project_url
from webapp.viewmodels.page import Redirect
from webapp.views.project.context import find_context, owned_context

blueprint = Blueprint("project_tryout", __name__)


@page(blueprint, "/project/<short_name>/tryout", methods=("POST",), action=Action.PROJECT_UPDATE, sign_in=True)
async def tryout(ctx: RequestContext, short_name: str) -> Redirect:
    """Make a link, or end it (`wanted=no`). A published project has none."""
    context = await owned_context(ctx, short_name)
    wanted = ctx.body.get("wanted", "yes") != "no" and not context.project.published
    await projects.let_try(ctx.session, ctx.actor, context.project, wanted=wanted)
    await ctx.flash(
        _("Whoever has the link can try it now.") if wanted else _("The link leads nowhere now."), "success"
    )
    return Redirect(context.url("settings"), status="success")


@page(blueprint, "/project/<short_name>/try/<tryout_key>", action=Action.SITE_VIEW)
async def enter(ctx: RequestContext, short_name: str, tryout_key: str) -> Redirect:
    """Let this browser try the draft for a day; once it is published, the link leads to the project like any other.
    Raises NotFound for a link that has ended."""
    project = (await find_context(ctx, short_name)).project
    if not compare_digest((project.tryout_key or "").encode(), tryout_key.encode()):
        raise NotFound
    if not project.published:
        let_try(ctx, project)
    return Redirect(project_url(project.short_name, "newtask"), always_302=True)
