"""Signing in and joining by other services (docs/contract/pages.md 3).

There and back, then `link`, which decides who it is: calls to others happen once, what follows may be run again.
"""

from quart import Blueprint

from db.models import User
from webapp.errors import NotFound
from webapp.forms.account.providers import NewPersonForm, ProveForm
from webapp.http.forms import handle_form
from webapp.http.limits import attempts
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.integrations.directory import PROVIDER
from webapp.integrations.providers import Provider, ProviderRefused, ProviderUnavailable
from webapp.policies import Action
from webapp.services.accounts import accounts, invitations, linked_accounts, registration, second_step
from webapp.services.accounts.accounts import NewAccount
from webapp.services.accounts.suspension import is_suspended
from webapp.urls import account_url
from webapp.viewmodels.account.providers import NewPersonPage, ProvePage
from webapp.viewmodels.account.signing import ValidationPage
from webapp.viewmodels.page import Redirect
from webapp.views.account import pending_identity
from webapp.views.account.completing_sign_in import complete_sign_in
from webapp.views.account.pending_identity import PendingIdentity
from webapp.views.account.signing import welcome_new

blueprint = Blueprint("account_providers", __name__)
LINK = "/account/signin/link"
JOIN = "/account/register/provider"


def _provider(ctx: RequestContext, name: str) -> Provider:
    """Raises NotFound for a service by which nobody signs in here."""
    found = ctx.app_services.providers.get(name)
    if found is None:
        raise NotFound(_("Nobody signs in here by that service."))
    return found


def _label(ctx: RequestContext, name: str) -> str:
    return _("The directory") if name == PROVIDER else _provider(ctx, name).label


def _callback(ctx: RequestContext, provider: str) -> str:
    return ctx.absolute(f"/account/signin/{provider}/callback")


async def _refused(ctx: RequestContext, message: str) -> Redirect:
    """Back to where another way can be taken."""
    await ctx.flash(message, "error")
    actor = ctx.actor
    home = "/account/signin" if actor.is_anonymous else account_url(actor.name or "", "linked")
    return Redirect(home, status="error", reload=True)


@page(blueprint, "/account/signin/<provider>", action=Action.ACCOUNT_SIGN_IN, fail_closed=True)
async def begin(ctx: RequestContext, provider: str) -> Redirect:
    """Off to the service; whoever is signed in already comes back to link it."""
    service = _provider(ctx, provider)
    await ctx.release_database()
    try:
        address, kept = await service.begin(_callback(ctx, provider))
        invitation = ctx.args.get("invitation", "")[: invitations.LONGEST_CODE]
        pending_identity.begin_handshake(ctx, provider, kept, ctx.local_next(), invitation)
    except (ProviderRefused, ProviderUnavailable):
        return await _refused(ctx, _("%(service)s does not answer: try again later.", service=service.label))
    return Redirect(address, reload=True)


@page(blueprint, "/account/signin/<provider>/callback", action=Action.ACCOUNT_SIGN_IN, fail_closed=True)
async def callback(ctx: RequestContext, provider: str) -> Redirect:
    """Back from the service, in the browser that was sent there."""
    service = _provider(ctx, provider)
    begun = pending_identity.take_handshake(ctx, provider)
    if begun is None or begun["user_id"] != ctx.actor.user_id:
        return await _refused(ctx, _("That sign-in was begun elsewhere, or too long ago: begin again."))
    await ctx.release_database()
    try:
        known = await service.finish(_callback(ctx, provider), ctx.args.to_dict(), begun["kept"])
        pending_identity.keep(ctx, known, begun)
    except ProviderRefused as refusal:
        return await _refused(ctx, _(refusal.message))
    except ProviderUnavailable:
        return await _refused(ctx, _("%(service)s does not answer: try again later.", service=service.label))
    return Redirect(LINK, reload=True)


@page(
    blueprint,
    LINK,
    methods=("GET", "POST"),
    action=Action.ACCOUNT_SIGN_IN,
    writes=True,
    fail_closed=True,
    forms=(ProveForm,),
)
async def link(ctx: RequestContext) -> ProvePage | Redirect:
    """Who has come back: an account that is linked, one that could be by its password, or nobody yet."""
    found = pending_identity.find(ctx)
    if found is None:
        return await _refused(ctx, _("That sign-in was begun elsewhere, or too long ago: begin again."))
    if not ctx.actor.is_anonymous:
        return Redirect(account_url(ctx.actor.name or "", "linked"), reload=True)
    user = await linked_accounts.account_of(ctx.session, ctx.settings, found.known)
    if user is not None:
        return await _welcome(ctx, user, found)
    user = await linked_accounts.account_with_address(ctx.session, found.known)
    if user is None:
        return Redirect(JOIN, reload=True)
    return await _prove(ctx, user, found)


async def _prove(ctx: RequestContext, user: User, found: PendingIdentity) -> ProvePage | Redirect:
    """The service has shown that the account's address is theirs; its password shows that the account is."""
    form = ctx.bind(ProveForm)

    async def show() -> ProvePage:
        return ProvePage(
            title=_("Link your account"),
            form=ctx.form_model(form),
            provider=found.known.provider,
            email_addr=found.known.email,
            label=_label(ctx, found.known.provider),
            has_password=user.passwd_hash is not None,
        )

    async def check_password() -> Redirect | None:
        await ctx.release_database()
        guess = await attempts.begin_guess(ctx, attempts.account_subject(user.id, ""))
        passwords = ctx.app_services.passwords
        if user.passwd_hash is None or not (await passwords.verify(user.passwd_hash, form.password.data or "")).right:
            guess.fail()
            await ctx.refuse(_("That is not the password of this account."))
            return None
        await guess.forgive()
        ways = await second_step.methods_of(ctx.session, ctx.settings, user)
        if ways.app or ways.mail:
            # Later nobody is asked for it who comes by the service: the password alone must not get around it.
            await ctx.refuse(_("This account has a second step: sign in as usual, and link it in its settings."))
            return None
        if not is_suspended(user):
            await linked_accounts.link(ctx.session, ctx.settings, user, found.known)
        return await _welcome(ctx, user, found)

    return await handle_form(ctx, form, act=check_password, show=show)


async def _welcome(ctx: RequestContext, user: User, found: PendingIdentity) -> Redirect:
    """Sign in as this account, unless nobody may. What the service asks of its people stands for our second step."""
    pending_identity.forget(ctx)
    done = await complete_sign_in(ctx, user, both_steps=True, target=found.target)
    return done or Redirect("/account/signin", status="error", reload=True)


@page(
    blueprint,
    JOIN,
    methods=("GET", "POST"),
    action=Action.ACCOUNT_REGISTER,
    fail_closed=True,
    forms=(NewPersonForm,),
)
async def join(ctx: RequestContext) -> NewPersonPage | ValidationPage | Redirect:
    """A new account for somebody whom a service has told of: what it did not say is asked for."""
    found = pending_identity.find(ctx)
    if found is None or not ctx.actor.is_anonymous:
        return await _refused(ctx, _("That sign-in was begun elsewhere, or too long ago: begin again."))
    known = found.known
    prefill = {"fullname": linked_accounts.full_name(known), "email_addr": known.email}
    if not ctx.posted:
        prefill["name"] = await linked_accounts.free_name(ctx.session, known)
    form = ctx.bind(NewPersonForm, prefill)
    if known.email_verified:
        form.email_addr.data = known.email

    async def check() -> None:
        if wrong := await accounts.name_refusal(ctx.session, form.sound("name")):
            form.refuse(wrong)

    async def show() -> NewPersonPage:
        return NewPersonPage(
            title=_("Register"),
            form=ctx.form_model(form),
            provider=known.provider,
            label=_label(ctx, known.provider),
            called=known.label,
            is_open=await invitations.is_open(ctx.session, ctx.settings, found.invitation),
            known_address=known.email if known.email_verified and not form.email_addr.errors else "",
        )

    return await handle_form(ctx, form, check=check, act=lambda: _join(ctx, form, found), show=show)


async def _join(ctx: RequestContext, form: NewPersonForm, found: PendingIdentity) -> ValidationPage | Redirect:
    await attempts.count_registration(ctx)
    new = NewAccount(
        fullname=form.fullname.data or "",
        name=form.name.data or "",
        email_addr=form.email_addr.data or "",
        password="",
        consent=bool(form.consent.data),
    )
    await invitations.admit(ctx.session, ctx.settings, new.email_addr, found.invitation)
    contributor = ctx.actor.contributor or ""
    volunteer = contributor if contributor.startswith("anon:") else None
    if not found.known.email_verified and ctx.settings.confirms_addresses:
        # The service has not shown that the address is theirs: they do, by mail, in this same browser.
        await attempts.count_mail(ctx, new.email_addr)
        passwords = ctx.app_services.passwords
        await registration.ask(ctx.session, passwords, ctx.settings, new, volunteer, known=found.known)
        return ValidationPage(title=_("Account validation"))
    user = await linked_accounts.register(ctx.session, ctx.settings, found.known, new, volunteer)
    pending_identity.forget(ctx)
    return await welcome_new(ctx, user, found.target)
