"""A project's own page, and its publication (docs/contract/pages.md 4.2)."""

from quart import Blueprint

from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.projects import projects, publishing, review
from webapp.services.site import markdown
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.project.details import DetailsPage, PublishPage
from webapp.views.project.checklist import checklist, steps
from webapp.views.project.context import find_context, owned_context, remembered_context

blueprint = Blueprint("project_details", __name__)
LONGEST_WORD = 5000
"""Characters of what an administrator tells an owner."""


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
        ckan=context.ckan,
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
            n_test_answers=0 if context.project.first_published else progress.n_task_runs,
            is_looked_at=await review.is_needed(ctx.session, ctx.settings, ctx.actor, context.project),
            wish=await review.find(ctx.session, context.project),
        )
    if await review.is_needed(ctx.session, ctx.settings, ctx.actor, context.project):
        await review.ask(ctx.session, ctx.actor, context.project, progress)
        await ctx.flash(
            _("An administrator looks at it now, as at every first project, and publishes it then."), "info"
        )
    elif await publishing.publish(ctx.session, ctx.actor, context.project, progress):
        await ctx.flash(_("Project published! Volunteers will now be able to help you!"), "message")
    return Redirect(context.url(), always_302=True)


@page(blueprint, "/project/<short_name>/pause", methods=("POST",), action=Action.PROJECT_UPDATE, sign_in=True)
async def pause(ctx: RequestContext, short_name: str) -> Redirect:
    """Hand out no tasks for now; `paused=no` hands them out again."""
    context = await owned_context(ctx, short_name)
    paused = ctx.body.get("paused", "yes") != "no"
    await projects.pause(ctx.session, ctx.actor, context.project, paused=paused)
    told = _("Paused: nobody is handed a task until you go on.") if paused else _("Volunteers are handed tasks again.")
    await ctx.flash(told, "success")
    return Redirect(context.url("settings"), status="success")


@page(blueprint, "/project/<short_name>/unpublish", methods=("POST",), action=Action.PROJECT_REVIEW, sign_in=True)
async def unpublish(ctx: RequestContext, short_name: str) -> Redirect:
    """Make a published project a draft again; its owner is told why (`word`)."""
    context = await find_context(ctx, short_name)
    word = str(ctx.body.get("word") or "").strip()[:LONGEST_WORD]
    if await review.unpublish(ctx.session, ctx.actor, context.project, word):
        await ctx.flash(_("It is a draft again, and its owner is told."), "success")
    return Redirect(context.url("settings"), status="success")
