"""Report a project, a post or an account to the administrators."""

from quart import Blueprint

from webapp.forms.reports import REASONS, ReportForm
from webapp.http.forms import handle_form
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.site import reports
from webapp.urls import report_url
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.report import ReportPage

blueprint = Blueprint("reports", __name__)


@page(
    blueprint,
    "/report/<subject>/<int:subject_id>",
    methods=("GET", "POST"),
    action=Action.REPORT_CREATE,
    fail_closed=True,
    forms=(ReportForm,),
)
async def report(ctx: RequestContext, subject: str, subject_id: int) -> ReportPage | Redirect:
    """Tell the administrators what is wrong with it; `subject` is `project`, `blogpost` or `user`."""
    found = await reports.find(ctx.session, ctx.actor, subject, subject_id)
    form = ctx.bind(ReportForm)
    form.reason.choices = list(REASONS)

    async def send() -> Redirect:
        await reports.add(ctx.session, ctx.actor, found, form.reason.data, form.text.data or "")
        await ctx.flash(_("Thank you. The administrators of this site will look at it."), "success")
        return Redirect(found.path, status="success")

    async def show() -> ReportPage:
        return ReportPage(
            title=_("Report %(name)s", name=found.name),
            form=ctx.form_model(form),
            name=found.name,
            path=found.path,
            action=report_url(found.subject, found.id),
        )

    return await handle_form(ctx, form, act=send, show=show)
