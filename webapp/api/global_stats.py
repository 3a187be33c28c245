"""/api/globalstats: the site in numbers (docs/contract/api.md 2.12)."""

from quart import Blueprint

from db.queries.site import site_stats
from webapp.api.described import NUMBER, closed, described
from webapp.http.page import RequestContext, endpoint
from webapp.policies import Action
from webapp.viewmodels.page import Json

blueprint = Blueprint("api_globalstats", __name__)
COUNTED = {"type": "object", "additionalProperties": NUMBER}
STATS = closed(
    n_projects=NUMBER,
    n_users=NUMBER,
    n_tasks=NUMBER,
    n_task_runs=NUMBER,
    n_pending_tasks=NUMBER,
    n_results=NUMBER,
    categories={"type": "array", "items": COUNTED},
)


@endpoint(blueprint, "/api/globalstats", action=Action.STATS_READ, scope="api.globalstats")
@described(STATS)
async def globalstats(ctx: RequestContext) -> Json:
    """Totals, whose users are everybody who contributes, and the number of projects of each category, of the featured
    and of the drafts."""
    totals = await site_stats.totals(ctx.session)
    categories = [{one.short_name: one.n_projects} for one in await site_stats.categories(ctx.session)]
    featured = await site_stats.n_featured(ctx.session)
    return Json(
        {
            "n_projects": totals.n_projects,
            "n_users": totals.n_people,
            "n_tasks": totals.n_slots,
            "n_task_runs": totals.n_task_runs,
            "n_pending_tasks": totals.n_slots - totals.n_counted,
            "n_results": totals.n_results,
            "categories": [*categories, {"featured": featured}, {"draft": totals.n_draft_projects}],
        }
    )
