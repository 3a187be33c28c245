"""The home page."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from quart import Blueprint

from db.models import Category, Project, User
from db.queries.accounts import leaderboard
from db.queries.assignment.progress import contributed_lately
from db.queries.projects import project_listing
from db.queries.projects.project_listing import PageRequest
from db.queries.site import site_stats
from db.queries.site.daily_answers import answers_by_day
from db.repositories.category import CategoryRepository
from webapp.http.page import RequestContext, page
from webapp.i18n import current_locale, format_weekday
from webapp.policies import Action
from webapp.viewmodels.home import HomePage
from webapp.viewmodels.public.category import category_public
from webapp.viewmodels.public.project import card, helped_card
from webapp.viewmodels.public.user import ranked_public

blueprint = Blueprint("home", __name__)
SHOWN = 8
TOP = 5
HISTORY = 3
WEEK = 7


@page(blueprint, "/", action=Action.SITE_VIEW)
async def home(ctx: RequestContext) -> HomePage:
    """Purpose, projects, numbers and people of this site."""
    # Its texts are in a language, as the names of the days.
    shared = await ctx.cached(("home", current_locale()), lambda: _shared(ctx), of=(Project, Category, User))
    lists = await _category_lists(ctx) if ctx.wants_json else {}
    return replace(shared, historical_contributions=await _history(ctx), **lists)


async def _shared(ctx: RequestContext) -> HomePage:
    """What the page shows to everybody."""
    session = ctx.session
    featured = await project_listing.featured(session, PageRequest(limit=ctx.settings.projects_per_page))
    top = await project_listing.public(session, PageRequest(limit=SHOWN))
    totals = await site_stats.totals(session)
    return HomePage(
        featured=[card(one) for one in featured.projects],
        top_projects=[card(one) for one in top.projects],
        top_users=[ranked_public(one) for one in await leaderboard.top(session, TOP)],
        figures={
            "answers": totals.n_task_runs,
            "volunteers": totals.n_people,
            "projects": totals.n_published_projects,
        },
        done=totals.n_counted,
        wanted=max(totals.n_slots, totals.n_counted),
        week=await _week(ctx),
    )


async def _category_lists(ctx: RequestContext) -> dict[str, Any]:
    """The categories that hold published projects, and the first page of the list of each."""
    categories = await CategoryRepository(ctx.session).used()
    part = PageRequest(limit=ctx.settings.projects_per_page)
    found = {one.short_name: await project_listing.in_category(ctx.session, one.id, part) for one in categories}
    return {
        "categories": [category_public(one) for one in categories],
        "categories_projects": {name: [card(one) for one in page.projects] for name, page in found.items()},
    }


async def _history(ctx: RequestContext) -> list[dict[str, Any]] | None:
    """What somebody signed in helped last."""
    user_id = ctx.actor.user_id
    if user_id is None:
        return None
    if ctx.may_be_stale:
        found = [await _seen_by_all(ctx, one) for one in await contributed_lately(ctx.uow.autocommit, user_id, HISTORY)]
        if all(found):
            return [one for one in found if one is not None]
    cards = await project_listing.contributed_lately(ctx.session, user_id, HISTORY)
    return [helped_card(one) for one in cards]


async def _seen_by_all(ctx: RequestContext, project_id: int) -> dict[str, Any] | None:
    """The project as the page shows it, if it is shown to everybody alike."""

    async def read() -> dict[str, Any] | None:
        found = await project_listing.open_to_all(ctx.session, project_id)
        return card(found) if found is not None else None

    return await ctx.cached(("card", project_id, current_locale()), read, of=(Project, User))


async def _week(ctx: RequestContext) -> list[tuple[str, int]]:
    """The answers of the last seven days, today last."""
    today = datetime.now(UTC).date()
    counts = await answers_by_day(ctx.session, WEEK)
    days = [today - timedelta(days=back) for back in range(WEEK - 1, -1, -1)]
    return [(format_weekday(day), counts.get(day, 0)) for day in days]
