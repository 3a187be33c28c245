"""Who is here (docs/contract/pages.md 3)."""

from dataclasses import replace
from typing import Any

from quart import Blueprint

from db.models import Project, User
from db.queries.accounts import leaderboard
from db.queries.accounts.people import count_people, page_of_people
from db.queries.projects.project_cards import cards_by_id
from db.queries.site import feed
from db.repositories.user import UserRepository
from webapp.errors import NotFound
from webapp.http.page import RequestContext, page
from webapp.i18n import current_locale
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.viewmodels.community import CommunityPage
from webapp.viewmodels.page import Pagination
from webapp.viewmodels.public.feed import feed_event
from webapp.viewmodels.public.user import member_public, ranked_public
from webapp.views.paging import asked_part, part_beyond
from webapp.views.privacy import require_open

blueprint = Blueprint("account_community", __name__)
PER_PAGE = 24


@page(blueprint, "/account/", action=Action.ACCOUNT_LIST, defaults={"number": 1})
@page(blueprint, "/account/page/<int:number>", action=Action.ACCOUNT_LIST)
async def community(ctx: RequestContext, number: int) -> CommunityPage:
    """Everybody who has answered anything and may be shown."""
    require_open(ctx)
    if number < 1:
        raise NotFound
    key = ("community", number, part_beyond(ctx, PER_PAGE), current_locale())
    shared = await ctx.cached(key, lambda: _shared(ctx, number), of=(User, Project))
    # The page shows the first few alone.
    return replace(shared, top_users=await _with_reader(ctx, shared.top_users)) if ctx.wants_json else replace(shared)


async def _with_reader(ctx: RequestContext, top_users: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The best, and behind them whoever reads, if they have a place on the board."""
    user_id = ctx.actor.user_id
    own = await leaderboard.around(ctx.session, user_id, 0) if user_id is not None else []
    ranks = {one["rank"] for one in top_users}
    return [*top_users, *(ranked_public(one) for one in own if one.score and one.rank not in ranks)]


async def _shared(ctx: RequestContext, number: int) -> CommunityPage:
    """What the page shows to everybody. Raises NotFound."""
    total = await count_people(ctx.session)
    pagination = Pagination(page=number, per_page=PER_PAGE, total=total)
    if number > pagination.pages:
        raise NotFound
    found = await page_of_people(ctx.session, asked_part(ctx, pagination))
    if number != 1 and not found:
        raise NotFound
    best = await leaderboard.top(ctx.session, ctx.settings.leaderboard_size)
    return CommunityPage(
        title=_("Community"),
        accounts=[shown for user, score in found if (shown := member_public(user, score))],
        total=total,
        top_users=[ranked_public(one) for one in best if one.score],
        pagination=replace(pagination, shown=(found[0][0].id, found[-1][0].id) if found else None),
        update_feed=await _feed(ctx),
    )


async def _feed(ctx: RequestContext) -> list[dict[str, object]]:
    """What happened last, with the people and projects that it happened to."""
    items = await feed.newest(ctx.session)
    users = await UserRepository(ctx.session).named(sorted({one.user_id for one in items if one.user_id}))
    projects = await cards_by_id(ctx.session, sorted({one.project_id for one in items if one.project_id}))
    return [feed_event(one, users, projects) for one in items]
