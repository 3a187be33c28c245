"""One account, as administrators look after it."""

from quart import Blueprint

from db.models import User
from db.queries.accounts.profile import achievement
from db.queries.projects import project_listing
from db.queries.projects.project_listing import PageRequest
from db.repositories import UserRepository
from webapp.errors import Conflict
from webapp.forms.admin.review import SuspendForm
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.accounts import addresses, second_step, security_notices, suspension
from webapp.services.accounts.suspension import AdministratorAccount
from webapp.viewmodels.admin.pages import AccountPage
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.public.user import user_for_admin

blueprint = Blueprint("admin_accounts", __name__)
PLACE = "/admin/users/<int:user_id>"
SHOWN = PageRequest(limit=100)


def _address(user: User) -> str:
    return f"/admin/users/{user.id}"


@page(blueprint, PLACE, action=Action.USER_SUSPEND, sign_in=True)
async def account(ctx: RequestContext, user_id: int) -> AccountPage:
    """Who it is, what is theirs, and what can be done."""
    return await _page(ctx, await UserRepository(ctx.session).get(user_id), SuspendForm())


async def _page(ctx: RequestContext, user: User, form: SuspendForm) -> AccountPage:
    owned = [
        one
        for published in (True, False)
        for one in (await project_listing.owned(ctx.session, user.id, SHOWN, published=published)).projects
    ]
    return AccountPage(
        title=user.fullname,
        user=user_for_admin(user),
        form=ctx.form_model(form),
        n_answers=(await achievement(ctx.session, user.id)).score,
        projects=[
            {
                "name": one.name,
                "short_name": one.short_name,
                "published": one.published,
                "owns": one.owner_id == user.id,
            }
            for one in owned
        ],
        is_unconfirmed=ctx.settings.confirms_addresses and not user.valid_email,
        is_suspended=suspension.is_suspended(user),
        has_second_step=(await second_step.chosen_by(ctx.session, user)).any,
        suspended_until=user.suspended_until,
        suspended_reason=user.suspended_reason,
    )


@page(
    blueprint,
    f"{PLACE}/suspend",
    methods=("POST",),
    action=Action.USER_SUSPEND,
    sign_in=True,
    forms=(SuspendForm,),
)
async def suspend(ctx: RequestContext, user_id: int) -> AccountPage | Redirect:
    """Let nobody in with it for some days; they read why when they sign in."""
    user = await UserRepository(ctx.session).get(user_id)
    form = ctx.bind(SuspendForm)
    if not form.validate():
        await ctx.refuse()
        return await _page(ctx, user, form)
    try:
        await suspension.suspend(ctx.session, ctx.actor, user, days=form.days.data or 1, reason=form.reason.data or "")
    except AdministratorAccount as refused:
        await ctx.refuse(refused.message)
        return Redirect(_address(user))
    ctx.uow.after_commit(ctx.forget_credentials)
    await ctx.flash(_("%(name)s is suspended", name=user.fullname), "success")
    return Redirect(_address(user), status="success")


@page(blueprint, f"{PLACE}/lift", methods=("POST",), action=Action.USER_SUSPEND, sign_in=True)
async def lift(ctx: RequestContext, user_id: int) -> Redirect:
    """Let them in again."""
    user = await UserRepository(ctx.session).get(user_id)
    await suspension.lift(ctx.session, ctx.actor, user)
    await ctx.flash(_("%(name)s can sign in again", name=user.fullname), "success")
    return Redirect(_address(user), status="success")


@page(blueprint, f"{PLACE}/end-sessions", methods=("POST",), action=Action.USER_SUSPEND, sign_in=True)
async def end_sessions(ctx: RequestContext, user_id: int) -> Redirect:
    """Sign it out everywhere, and replace its API key."""
    user = await UserRepository(ctx.session).get(user_id)
    await suspension.end_sessions(ctx.session, ctx.actor, user)
    ctx.credentials_ended(user)
    await ctx.flash(_("%(name)s is signed out everywhere", name=user.fullname), "success")
    return Redirect(_address(user), status="success")


@page(blueprint, f"{PLACE}/confirm", methods=("POST",), action=Action.USER_SUSPEND, sign_in=True)
async def send_confirmation(ctx: RequestContext, user_id: int) -> Redirect:
    """Mail the link that confirms the account's address once more."""
    user = await UserRepository(ctx.session).get(user_id)
    if not ctx.settings.confirms_addresses:
        await ctx.refuse(_("This site does not confirm addresses."))
    elif await addresses.ask_to_confirm(ctx.session, ctx.actor, user):
        await ctx.flash(_("A link was mailed to %(address)s", address=user.email_addr), "success")
    else:
        await ctx.flash(_("This address is confirmed already."), "info")
    return Redirect(_address(user), status="success")


@page(blueprint, f"{PLACE}/reset-second-step", methods=("POST",), action=Action.USER_RESET_SECOND_STEP, sign_in=True)
async def reset_second_step(ctx: RequestContext, user_id: int) -> Redirect:
    """Let somebody in again who has lost what they were asked for beside their password."""
    user = await UserRepository(ctx.session).get(user_id)
    await second_step.reset(ctx.session, ctx.actor, user)
    await security_notices.tell(ctx.session, ctx.settings, user.id, "second step reset")
    await ctx.flash(_("%(name)s signs in by password alone", name=user.fullname), "success")
    return Redirect(_address(user), status="success")


@page(blueprint, f"{PLACE}/delete", methods=("POST",), action=Action.USER_SUSPEND, sign_in=True)
async def delete(ctx: RequestContext, user_id: int) -> Redirect:
    """Remove it for good; its answers stay, of nobody in particular."""
    user = await UserRepository(ctx.session).get(user_id)
    name = user.fullname
    try:
        await ctx.app_services.file_store.detach(ctx.uow, ctx.actor, user)
        await suspension.remove(ctx.session, ctx.actor, user)
    except (AdministratorAccount, Conflict) as refused:
        await ctx.refuse(refused.message)
        return Redirect(_address(user))
    ctx.uow.after_commit(ctx.forget_credentials)
    await ctx.flash(_("%(name)s is removed", name=name), "success")
    return Redirect("/admin/users", status="success")
