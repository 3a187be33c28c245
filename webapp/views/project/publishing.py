"""A project's own page, and its publication (docs/contract/pages.md 4.2)."""

from quart import Blueprint

from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services import markdown, publishing
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.project.contribute import FramePage
from webapp.viewmodels.project.pages import DetailsPage, PublishPage, ResultsPage
from webapp.views.project.checklist import checklist, steps
from webapp.views.project.context import find_context, gated_context, remembered_context
from webapp.views.project.frames import RESULTS, document, frame_config

blueprint = Blueprint("project_publishing", __name__)


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


@page(blueprint, "/project/<short_name>/results", action=Action.PROJECT_VIEW, frame_document=True)
async def results(ctx: RequestContext, short_name: str) -> ResultsPage | FramePage:
    """What has come of it, as the owner presents it."""
    if ctx.is_framed:
        return await document(ctx, short_name, RESULTS, RESULTS)
    context = await gated_context(ctx, short_name)
    progress = context.progress
    return await context.page(
        ResultsPage,
        active="results",
        title=context.title(),
        n_results=progress.n_results,
        presented=bool(context.project.info.get("results")),
        frame=frame_config(ctx, context, context.url("frame/results")),
    )
