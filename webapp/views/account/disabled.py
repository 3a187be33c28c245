"""Addresses of features that this server does without, answered as the original does where they are switched off."""

from quart import Blueprint

from webapp.errors import NotFound
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.viewmodels.page import Page

blueprint = Blueprint("account_disabled", __name__)


@page(blueprint, "/account/newsletter", action=Action.ACCOUNT_NEWSLETTER, sign_in=True)
async def newsletter(ctx: RequestContext) -> Page:
    """There is no newsletter."""
    raise NotFound(_("This site has no newsletter."))


@page(blueprint, "/account/confirm-email", action=Action.ACCOUNT_CONFIRM_EMAIL, sign_in=True)
async def confirm_email(ctx: RequestContext) -> Page:
    """Addresses are not confirmed by mail."""
    raise NotFound(_("Addresses need no confirmation here."))
