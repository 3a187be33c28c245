"""The services by which one signs in: an account's own page about them (docs/contract/pages.md 3)."""

from quart import Blueprint

from db.models import User
from db.repositories.user import UserRepository
from webapp.errors import BadRequest, Invalid
from webapp.forms.account.providers import LinkForm
from webapp.http.forms import handle_form
from webapp.http.limits import attempts
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action, about_user, require
from webapp.services.accounts import linked_accounts
from webapp.urls import account_url
from webapp.viewmodels.account.providers import LinkedPage, provider_links
from webapp.viewmodels.page import Redirect
from webapp.views.account import pending_identity
from webapp.views.account.pending_identity import PendingIdentity

blueprint = Blueprint("account_linked", __name__)


@page(
    blueprint,
    "/account/<name>/linked",
    methods=("GET", "POST"),
    action=Action.ACCOUNT_LINK,
    sign_in=True,
    fail_closed=True,
    forms=(LinkForm,),
)
async def linked(ctx: RequestContext, name: str) -> LinkedPage | Redirect:
    """What the account is linked to; link whom a service has just told of, or unlink."""
    user = await UserRepository(ctx.session).get_by_name(name)
    require(ctx.actor, Action.ACCOUNT_LINK, about_user(user.id))
    form = ctx.bind(LinkForm)
    found = pending_identity.find(ctx)
    found = found if found is not None and found.user_id == user.id else None

    async def show() -> LinkedPage:
        return await _page(ctx, user, form, found)

    return await handle_form(ctx, form, act=lambda: _change(ctx, user, form, found), show=show, explain=True)


async def _page(ctx: RequestContext, user: User, form: LinkForm, found: PendingIdentity | None) -> LinkedPage:
    services = ctx.app_services.providers
    rows = await linked_accounts.of_account(ctx.session, ctx.actor, user)
    have = {row.provider for row in rows}
    links = provider_links(services)
    return LinkedPage(
        title=_("Linked accounts"),
        form=ctx.form_model(form),
        linked=[{"provider": row.provider, "label": row.label, "created": row.created} for row in rows],
        available=[one for one in services if one not in have],
        pending={"provider": found.known.provider, "label": found.known.label} if found is not None else None,
        name=user.name,
        fullname=user.fullname,
        has_password=user.passwd_hash is not None,
        labels={one.name: one.label for one in services.values()},
        links=[one for one in links if one.name not in have],
    )


async def _change(ctx: RequestContext, user: User, form: LinkForm, found: PendingIdentity | None) -> Redirect:
    """Raises Invalid, with its reason, for what cannot be done."""
    what = form.what.data
    try:
        if what == "link":
            await _link(ctx, user, form, found)
            await ctx.flash(_("From now on you can sign in by it."), "success")
        elif what == "unlink":
            provider, usable = form.provider.data or "", ctx.app_services.providers
            await linked_accounts.unlink(ctx.session, ctx.actor, user, provider, usable.keys())
            await ctx.flash(_("Nobody signs in to your account by it any more."), "success")
        else:
            pending_identity.forget(ctx)
    except Invalid:
        raise
    except BadRequest as refusal:
        raise Invalid("provider", refusal.message) from None
    return Redirect(account_url(user.name, "linked"), status="success")


async def _link(ctx: RequestContext, user: User, form: LinkForm, found: PendingIdentity | None) -> None:
    if found is None:
        raise BadRequest(_("That sign-in was begun elsewhere, or too long ago: begin again."))
    await _check_password(ctx, user, form)
    await linked_accounts.link(ctx.session, ctx.settings, user, found.known)
    pending_identity.forget(ctx)


async def _check_password(ctx: RequestContext, user: User, form: LinkForm) -> None:
    """A further way in is as good as a password: a browser that was left open is not enough to make one."""
    if user.passwd_hash is None:
        return
    await ctx.release_database()
    guess = await attempts.begin_guess(ctx, attempts.account_subject(user.id, ""))
    password = form.current_password.data or ""
    if not (await ctx.app_services.passwords.verify(user.passwd_hash, password)).right:
        guess.fail()
        raise Invalid("current_password", _("To link it, type your present password."))
    await guess.forgive()
