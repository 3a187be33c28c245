"""What waits for an administrator: first projects, and what visitors reported."""

from dataclasses import asdict

from quart import Blueprint

from db.queries.projects.review import waiting
from db.queries.site import reports as report_queries
from db.repositories import ProjectRepository
from webapp.forms.admin.review import WordForm
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.projects import review as service
from webapp.services.site import reports
from webapp.viewmodels.admin.pages import ReviewPage, Row
from webapp.viewmodels.page import Redirect
from webapp.views.project.context import find_context

blueprint = Blueprint("admin_review", __name__)
LIST = "/admin/review"
SHOWN = 50


@page(blueprint, LIST, action=Action.PROJECT_REVIEW, sign_in=True)
async def review(ctx: RequestContext) -> ReviewPage:
    """The queue: projects that wait to be published, and open reports."""
    return ReviewPage(
        title=_("To look at"),
        waiting=[asdict(one) for one in await waiting(ctx.session, limit=SHOWN)],
        reports=await open_reports(ctx),
        form=ctx.form_model(WordForm()),
    )


async def open_reports(ctx: RequestContext) -> list[Row]:
    names = ("id", "created", "subject", "subject_id", "subject_name", "path", "reason", "text")
    found = await report_queries.open_reports(ctx.session, limit=SHOWN)
    return [{name: getattr(one, name) for name in names} for one in found]


@page(
    blueprint, "/admin/review/<int:project_id>/publish", methods=("POST",), action=Action.PROJECT_REVIEW, sign_in=True
)
async def approve(ctx: RequestContext, project_id: int) -> Redirect:
    """Publish a project that waits, and tell its owner."""
    project = await ProjectRepository(ctx.session).get(project_id)
    context = await find_context(ctx, project.short_name)
    if await service.approve(ctx.session, ctx.actor, context.project, context.progress):
        await ctx.flash(_("%(name)s is published", name=project.name), "success")
    return Redirect(LIST, status="success")


@page(
    blueprint,
    "/admin/review/<int:project_id>/return",
    methods=("POST",),
    action=Action.PROJECT_REVIEW,
    sign_in=True,
    forms=(WordForm,),
)
async def send_back(ctx: RequestContext, project_id: int) -> Redirect:
    """Send it back to its owner with a word."""
    project = await ProjectRepository(ctx.session).get(project_id)
    form = ctx.bind(WordForm)
    if not form.validate():
        await ctx.refuse()
        return Redirect(LIST)
    await service.send_back(ctx.session, ctx.actor, project, form.word.data or "")
    await ctx.flash(_("%(name)s is sent back to its owner", name=project.name), "success")
    return Redirect(LIST, status="success")


@page(blueprint, "/admin/report/<int:report_id>/close", methods=("POST",), action=Action.REPORT_CLOSE, sign_in=True)
async def close_report(ctx: RequestContext, report_id: int) -> Redirect:
    """This report is dealt with, and all others about the same."""
    await reports.close(ctx.session, ctx.actor, report_id)
    await ctx.flash(_("Dealt with"), "success")
    return Redirect(LIST, status="success")
