"""Sites on which people are nobody else's business (`WORKBEE_ENFORCE_PRIVACY`)."""

from webapp.errors import Forbidden, Unauthorized
from webapp.http.page import RequestContext
from webapp.i18n import gettext as _
from webapp.policies import Action, can


def require_open(ctx: RequestContext) -> None:
    """Return if this page, which shows people and what they do, is for the caller: everywhere, but on a site that keeps
    such pages for administrators. There it is so in JSON as well (docs/contract/gaps.md 3.28)."""
    if not ctx.settings.enforce_privacy or can(ctx.actor, Action.ADMIN):
        return
    told = _("On this site only administrators see this page.")
    raise Unauthorized(told) if ctx.actor.is_anonymous else Forbidden(told)
