"""/api/disqus/sso: single sign-on at Disqus, for front-ends with its comments (docs/contract/api.md 5)."""

from time import time

from quart import Blueprint

from webapp.api.described import TEXT, closed, described
from webapp.errors import MethodNotAllowed
from webapp.http.page import RequestContext, endpoint
from webapp.policies import Action
from webapp.services.site.disqus import signed_identity
from webapp.viewmodels.page import Json

blueprint = Blueprint("api_disqus", __name__)


@endpoint(blueprint, "/api/disqus/sso", action=Action.SITE_VIEW, scope="api.disqus")
@described(closed(remote_auth_s3=TEXT, api_key=TEXT), refusals=(405,))
async def disqus_sso(ctx: RequestContext) -> Json:
    """What the comments' script takes to sign its reader in. Refused where the site has no keys of Disqus."""
    public_key, secret_key = ctx.settings.disqus_public_key, ctx.settings.disqus_secret_key
    if public_key is None or secret_key is None:
        raise MethodNotAllowed("Disqus keys are missing")
    return Json({"remote_auth_s3": signed_identity(ctx.actor, secret_key, int(time())), "api_key": public_key})
