"""The newsletter: the question whether somebody wants it, asked once after they have signed in
(docs/contract/pages.md 3)."""

from quart import Blueprint

from db.queries.accounts import newsletter as queries
from db.repositories import UserRepository
from webapp.errors import NotFound
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.accounts import newsletter as service
from webapp.viewmodels.account.newsletter import NewsletterPage
from webapp.viewmodels.page import Redirect

blueprint = Blueprint("account_newsletter", __name__)
ANSWERS = {"true": True, "false": False}


@page(
    blueprint,
    "/account/newsletter",
    methods=("GET", "POST"),
    action=Action.ACCOUNT_NEWSLETTER,
    sign_in=True,
    mutating_get=True,
    mutating_argument="subscribe",
)
async def newsletter(ctx: RequestContext) -> NewsletterPage | Redirect:
    """The question, or (`?subscribe=`) its answer, whatever the case of its letters."""
    if ctx.settings.newsletter == "off":
        raise NotFound(_("This site has no newsletter."))
    user = await UserRepository(ctx.session).get(ctx.actor.user_id or 0)
    wants = ANSWERS.get(ctx.args.get("subscribe", "").lower())
    if wants is not None:
        await service.answer(ctx.session, ctx.actor, user, wants=wants)
        if wants:
            await ctx.flash(_("You are subscribed to our newsletter!"), "success")
        return Redirect(ctx.local_next(), status="success" if wants else None)
    await service.note_asked(ctx.session, user)
    return NewsletterPage(
        title=_("Subscribe to our Newsletter"),
        next=ctx.local_next(),
        csrf=ctx.csrf(),
        is_subscribed=await queries.is_subscribed(ctx.session, user.id),
    )
