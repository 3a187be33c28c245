"""/api/token: the caller's own tokens of the services they have signed in with (docs/contract/api.md 6)."""

from typing import Any

from quart import Blueprint

from db.models import User
from db.repositories.rows import find_row
from webapp.api.described import described
from webapp.errors import NotFound
from webapp.http.page import RequestContext, endpoint
from webapp.policies import Action, require
from webapp.services.accounts import linked_accounts
from webapp.viewmodels.page import Json
from webapp.viewmodels.public.user import TOKEN_SUFFIX

blueprint = Blueprint("api_tokens", __name__)


async def _tokens(ctx: RequestContext) -> dict[str, Any]:
    """The caller's tokens by their keys, `twitter_token` and the like. Raises Unauthorized where nobody signed in."""
    require(ctx.actor, Action.ACCOUNT_VIEW_OWN)
    user = await find_row(ctx.session, User, ctx.actor.user_id or 0)
    info = user.info if user is not None else {}
    kept = {name: token for name, token in info.items() if name.endswith(TOKEN_SUFFIX)}
    linked = await linked_accounts.tokens(ctx.session, ctx.settings, ctx.actor.user_id or 0)
    return kept | {name + TOKEN_SUFFIX: token for name, token in linked.items()}


@endpoint(blueprint, "/api/token", action=Action.ACCOUNT_VIEW_OWN, scope="api.token")
@described({"type": "object"})
async def tokens(ctx: RequestContext) -> Json:
    """All of them: `{}` for whoever signs in with a password."""
    return Json(await _tokens(ctx))


@endpoint(blueprint, "/api/token/<provider>", action=Action.ACCOUNT_VIEW_OWN, scope="api.token")
@described({})
async def token_of(ctx: RequestContext, provider: str) -> Json:
    """The token of one service, `twitter`, `facebook` or `google`. Raises NotFound where there is none."""
    token = (await _tokens(ctx)).get(provider + TOKEN_SUFFIX)
    if token is None:
        raise NotFound
    return Json(token)
