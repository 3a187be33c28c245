"""A project's own page, and its publication (docs/contract/pages.md 4.2)."""

from quart import Blueprint

from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.projects import publishing
from webapp.services.site import markdown
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.project.details import DetailsPage, PublishPage
from webapp.views.project.checklist import checklist, steps
from webapp.views.project.context import find_context, remembered_context

blueprint = Blueprint("project_details", __name__)


@page(blueprint, "/project/<short_name>/", action=Action.PROJECT_VIEW)
async def details(ctx: RequestContext, short_name: str) -> DetailsPage:
    """What the project is about, how far it is, and the way in."""
    context = await remembered_context(ctx, short_name)
    return await context.page(
        DetailsPage,
        active="about",
        title=context.title(),
        long_description_html=await markdown.rendered(context.project.long_description),
        checklist=checklist(context),
    )


@page(blueprint, "/project/<short_name>/publish", methods=("GET", "POST"), action=Action.PROJECT_PUBLISH, sign_in=True)
async def publish(ctx: RequestContext, short_name: str) -> PublishPage | Redirect:
    """From draft to published: test answers are removed, and volunteers see it."""
    context = await find_context(ctx, short_name)
    progress = context.progress
    publishing.require_ready(ctx.actor, context.project, progress)
    if not ctx.posted:
        return await context.page(
            PublishPage,
            active="publish",
            title=None,
            csrf=ctx.csrf(),
            checklist=steps(context),
            n_test_answers=progress.n_task_runs,
        )
    if await publishing.publish(ctx.session, ctx.actor, context.project, progress):
        await ctx.flash(_("Project published! Volunteers will now be able to help you!"), "message")
    return Redirect(context.url(), always_302=True)
