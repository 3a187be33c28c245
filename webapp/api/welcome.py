"""/api/ itself."""

from quart import Blueprint

from webapp.api.described import TEXT, described
from webapp.http.page import RequestContext, endpoint
from webapp.policies import Action
from webapp.viewmodels.page import Text

blueprint = Blueprint("api_welcome", __name__)


@endpoint(blueprint, "/api/", action=Action.SITE_VIEW, scope="api.welcome")
@described(TEXT, content_type="text/html")
async def welcome(ctx: RequestContext) -> Text:
    """A line for whoever opens the address in a browser."""
    return Text(f"The {ctx.settings.brand} API")
