"""The site in numbers (docs/contract/pages.md 2)."""

from dataclasses import replace

from quart import Blueprint

from db.models import Project, User
from db.queries.projects.project_cards import cards_by_id
from db.queries.site import site_stats
from webapp.http.page import RequestContext, page
from webapp.i18n import current_locale
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.viewmodels.public.project import public_info
from webapp.viewmodels.stats import GlobalStatsPage, figures, groups
from webapp.views.privacy import require_open

blueprint = Blueprint("stats", __name__)


@page(blueprint, "/stats/", action=Action.STATS_READ)
async def global_stats(ctx: RequestContext) -> GlobalStatsPage:
    """How many people, projects, tasks and answers there are, and who and what was busiest in the last day."""
    require_open(ctx)
    return replace(await ctx.cached(("stats", current_locale()), lambda: _shared(ctx), of=(Project, User)))


async def _shared(ctx: RequestContext) -> GlobalStatsPage:
    """What the page shows to everybody."""
    totals = await site_stats.totals(ctx.session)
    plots = groups(totals)
    projects = await site_stats.most_active_projects(ctx.session)
    cards = await cards_by_id(ctx.session, [one.id for one in projects])
    return GlobalStatsPage(
        title=_("Global Statistics"),
        stats=figures(totals),
        users=plots["users"],
        projects=plots["projects"],
        tasks=plots["tasks"],
        top5_users_24_hours=[
            {"id": one.id, "name": one.name, "fullname": one.fullname, "n_answers": one.n_task_runs}
            for one in await site_stats.most_active_users(ctx.session)
        ],
        top5_projects_24_hours=[
            {
                "id": one.id,
                "name": one.name,
                "short_name": one.short_name,
                "info": public_info(cards[one.id].info),
                "n_answers": one.n_task_runs,
            }
            for one in projects
        ],
    )
