"""A copy of one's data, and the way out (docs/contract/pages.md 3)."""

from quart import Blueprint

from db.models import User
from db.repositories.user import UserRepository
from webapp.http.limits import attempts
from webapp.http.page import RequestContext, page
from webapp.http.stream import Download
from webapp.i18n import gettext as _
from webapp.policies import Action, about_user, require
from webapp.services.accounts import leaving, personal_data
from webapp.services.mails import outbox
from webapp.urls import account_url
from webapp.viewmodels.account.leaving import LeavePage
from webapp.viewmodels.page import Json, Redirect

blueprint = Blueprint("account_leaving", __name__)


async def _oneself(ctx: RequestContext, name: str, action: Action) -> User:
    """The account of this name, which has to be the caller's own."""
    user = await UserRepository(ctx.session).get_by_name(name)
    require(ctx.actor, action, about_user(user.id))
    return user


@page(
    blueprint,
    "/account/<name>/export",
    action=Action.ACCOUNT_EXPORT,
    sign_in=True,
    mutating_get=True,
    mutating_json=True,
    fail_closed=True,
)
async def export(ctx: RequestContext, name: str) -> Download | Redirect:
    """All that is kept about oneself. JSON clients are told where to find it, and their person by mail."""
    user = await _oneself(ctx, name, Action.ACCOUNT_EXPORT)
    if ctx.wants_json:
        if ctx.settings.sends_mail:
            await attempts.count_mail(ctx, user.email_addr)
            await outbox.post(ctx.session, personal_data.MAIL_KIND, user_id=user.id, about={})
        await ctx.flash(_("Your data is ready: download it in your account's settings."), "success")
        return Redirect(account_url(user.name), status="success")
    content = personal_data.document(ctx.app_services.database, user.id)
    return Download(f"{ctx.settings.brand.lower()}-{user.name}.json", "application/json", content)


@page(blueprint, "/account/<name>/leave", action=Action.ACCOUNT_DELETE, sign_in=True)
async def leave(ctx: RequestContext, name: str) -> LeavePage:
    """What is lost by leaving, and the button that does it."""
    user = await _oneself(ctx, name, Action.ACCOUNT_DELETE)
    ties = await leaving.ties(ctx.session, ctx.actor, user)
    return LeavePage(
        title=_("Delete your account"),
        form=ctx.csrf_form(),
        name=user.name,
        n_projects=ties.n_projects,
        n_announcements=ties.n_announcements,
        free=ties.free,
    )


@page(
    blueprint,
    "/account/<name>/delete",
    methods=("GET", "POST"),
    action=Action.ACCOUNT_DELETE,
    sign_in=True,
    mutating_get=True,
)
async def delete(ctx: RequestContext, name: str) -> Redirect | Json:
    """Leave for good: the account is gone when this answers."""
    user = await _oneself(ctx, name, Action.ACCOUNT_DELETE)
    await ctx.app_services.file_store.detach(ctx.uow, ctx.actor, user)
    await leaving.delete_account(ctx.session, ctx.actor, user)
    await ctx.sign_out()
    if ctx.wants_json:
        return Json({"job": "enqueued", "template": "account/delete.html"})
    await ctx.flash(_("Your account is gone. Thank you for every answer."), "success")
    return Redirect("/", reload=True)
