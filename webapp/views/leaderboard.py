"""Who does most (docs/contract/pages.md 2, docs/contract/jobs.md 8)."""

from dataclasses import replace
from operator import itemgetter

from quart import Blueprint

from db.models import User
from db.queries.accounts import leaderboard as boards
from db.queries.accounts.leaderboard import Ranked
from webapp.errors import NotFound
from webapp.http.page import RequestContext, page
from webapp.i18n import current_locale
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.viewmodels.community import LeaderboardPage
from webapp.viewmodels.public.user import ranked_public
from webapp.views.privacy import require_open

blueprint = Blueprint("leaderboard", __name__)
WIDEST_WINDOW = 10


@page(blueprint, "/leaderboard/", action=Action.SITE_VIEW, defaults={"window": 0})
@page(blueprint, "/leaderboard/window/<int:window>", action=Action.SITE_VIEW)
async def leaderboard(ctx: RequestContext, window: int) -> LeaderboardPage:
    """The first of all, then the reader with up to ten neighbours on each side; `?info=` chooses another board."""
    require_open(ctx)
    key = ctx.args.get("info") or None
    if key is not None and key not in ctx.settings.leaderboards:
        raise NotFound
    shared = await ctx.cached(("leaderboard", key, current_locale()), lambda: _first(ctx, key), of=(User,))
    first = {one["rank"] for one in shared.first}
    names = {one["name"] for one in shared.first}
    is_first = ctx.actor.name in names
    own = [] if is_first and not window else await _around_reader(ctx, min(window, WIDEST_WINDOW), key)
    around = [ranked_public(row) for row in own if row.rank not in first and _has_place(row, key)]
    return replace(
        shared,
        top_users=sorted([*shared.first, *around], key=itemgetter("rank")),
        around=sorted(around, key=itemgetter("rank")),
        own_name=ctx.actor.name,
        own_in_first=ctx.actor.name if is_first else None,
        ranked=is_first or any(row.id == ctx.actor.user_id and _has_place(row, key) for row in own),
    )


async def _first(ctx: RequestContext, key: str | None) -> LeaderboardPage:
    """What the page shows to everybody."""
    rows = await boards.top(ctx.session, ctx.settings.leaderboard_size, info_key=key)
    return LeaderboardPage(
        title=_("Community Leaderboard"),
        first=[ranked_public(row) for row in rows if _has_place(row, key)],
        boards=[("", _("Answers")), *((name, name) for name in ctx.settings.leaderboards)],
        board=key or "",
    )


def _has_place(row: Ranked, key: str | None) -> bool:
    """Whoever has done nothing has no place yet, on the board that counts answers."""
    return key is not None or bool(row.score)


async def _around_reader(ctx: RequestContext, window: int, key: str | None) -> list[Ranked]:
    if ctx.actor.user_id is None:
        return []
    return await boards.around(ctx.session, ctx.actor.user_id, window, info_key=key)
