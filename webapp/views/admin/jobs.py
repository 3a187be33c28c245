"""Jobs: what waits, what runs, and what was given up (docs/contract/pages.md 5)."""

from dataclasses import asdict

from quart import Blueprint

from db.queries.site import jobs as queries
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.site import failed_jobs
from webapp.viewmodels.admin.pages import JobsPage
from webapp.viewmodels.page import Redirect

blueprint = Blueprint("admin_jobs", __name__)
LIST = "/admin/rq/"
SHOWN = 50


@page(blueprint, LIST, action=Action.ADMIN, html_only=True)
async def jobs(ctx: RequestContext) -> JobsPage:
    """The queues, and the jobs that were given up, with their last traceback."""
    return JobsPage(
        title=_("Jobs"),
        queues=[asdict(one) for one in await queries.queues(ctx.session)],
        failed=[asdict(one) for one in await queries.failed(ctx.session, limit=SHOWN)],
        csrf=ctx.csrf(),
    )


@page(blueprint, "/admin/rq/<int:job_id>/retry", methods=("POST",), action=Action.ADMIN, sign_in=True)
async def retry(ctx: RequestContext, job_id: int) -> Redirect:
    """Have a job that was given up done again."""
    job = await failed_jobs.retry(ctx.session, ctx.app_services.queue, ctx.actor, job_id)
    await ctx.flash(_("%(name)s is tried again", name=job.name), "success")
    return Redirect(LIST)


@page(blueprint, "/admin/rq/<int:job_id>/drop", methods=("POST",), action=Action.ADMIN, sign_in=True)
async def drop(ctx: RequestContext, job_id: int) -> Redirect:
    """Forget a job that was given up."""
    job = await failed_jobs.drop(ctx.session, ctx.actor, job_id)
    await ctx.flash(_("%(name)s is dropped", name=job.name), "success")
    return Redirect(LIST)
