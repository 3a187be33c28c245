"""The way out of mails, by the link that each of them has (RFC 8058)."""

from quart import Blueprint

from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.mails import subscriptions
from webapp.viewmodels.account.unsubscribing import UnsubscribePage

blueprint = Blueprint("account_unsubscribing", __name__)


@page(blueprint, "/unsubscribe", methods=("GET", "POST"), action=Action.ACCOUNT_UNSUBSCRIBE, signed_link=True)
async def unsubscribe(ctx: RequestContext) -> UnsubscribePage:
    """A button, since programs that read mail follow links; a POST, of the button or of such a program, ends them."""
    key = ctx.args.get("key", "")
    if ctx.posted:
        await subscriptions.end(ctx.session, ctx.settings, key)
    else:
        subscriptions.account_of(ctx.settings, key)
    return UnsubscribePage(title=_("Mail from us"), done=ctx.posted)
