"""Who does most (docs/contract/pages.md 2, docs/contract/jobs.md 8)."""

from quart import Blueprint

from db.queries.accounts import leaderboard as boards
from db.queries.accounts.leaderboard import Ranked
from webapp.errors import NotFound
from webapp.http.page import RequestContext, page
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
    rows = await boards.top(ctx.session, ctx.settings.leaderboard_size, info_key=key)
    own = await _around_reader(ctx, min(window, WIDEST_WINDOW), key)
    # Whoever has done nothing has no place yet, on the board that counts answers.
    merged = {row.rank: row for row in (*rows, *own) if key is not None or row.score}
    return LeaderboardPage(
        title=_("Community Leaderboard"),
        top_users=[ranked_public(merged[rank]) for rank in sorted(merged)],
        boards=[("", _("Answers")), *((name, name) for name in ctx.settings.leaderboards)],
        board=key or "",
        own_name=ctx.actor.name,
        ranked=any(row.id == ctx.actor.user_id for row in merged.values()),
    )


async def _around_reader(ctx: RequestContext, window: int, key: str | None) -> list[Ranked]:
    if ctx.actor.user_id is None:
        return []
    return await boards.around(ctx.session, ctx.actor.user_id, window, info_key=key)
