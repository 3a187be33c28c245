"""Register, sign in, sign out (docs/contract/pages.md 3)."""

from urllib.parse import quote

from quart import Blueprint

from db.models import User
from db.queries.accounts import identity
from db.repositories import UserRepository
from webapp.errors import Forbidden, NotFound
from webapp.forms.account.identity import DirectorySignInForm, RegisterForm, SignInForm
from webapp.http.forms import handle_form
from webapp.http.limits import attempts
from webapp.http.page import RequestContext, page
from webapp.http.security.auth import VOLUNTEER_COOKIE
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.accounts import accounts, addresses, invitations, registration
from webapp.services.accounts.accounts import NewAccount
from webapp.urls import account_url, with_next
from webapp.viewmodels.account.providers import provider_links
from webapp.viewmodels.account.signing import NO_PROVIDERS, ConfirmationPage, RegisterPage, SignInPage, ValidationPage
from webapp.viewmodels.page import Redirect
from webapp.views.account import directory_signing, pending_identity
from webapp.views.account.completing_sign_in import complete_sign_in

blueprint = Blueprint("account_signing", __name__)


@page(
    blueprint,
    "/account/register",
    methods=("GET", "POST"),
    action=Action.ACCOUNT_REGISTER,
    fail_closed=True,
    forms=(RegisterForm,),
)
async def register(ctx: RequestContext) -> RegisterPage | ValidationPage | Redirect:
    """Join. The answers that this browser gave before become the new account's."""
    if ctx.app_services.directory is not None:
        raise NotFound(_("Accounts here are those of a directory: sign in with what you are called there."))
    form = ctx.bind(RegisterForm)

    async def check() -> None:
        # Whether the address has an account is looked into only by attempts that are counted.
        if wrong := await accounts.name_refusal(ctx.session, form.sound("name")):
            form.refuse(wrong)

    code = ctx.args.get("invitation", "")

    async def show() -> RegisterPage:
        is_open = await invitations.is_open(ctx.session, ctx.settings, code)
        links = provider_links(ctx.app_services.providers, target=ctx.local_next(""), invitation=code)
        return RegisterPage(title=_("Register"), form=ctx.form_model(form), is_open=is_open, providers=links)

    return await handle_form(ctx, form, check=check, act=lambda: _join(ctx, form, code), show=show)


async def _join(ctx: RequestContext, form: RegisterForm, code: str) -> ValidationPage | Redirect:
    await attempts.count_registration(ctx)
    await invitations.admit(ctx.session, ctx.settings, form.email_addr.data or "", code)
    new = NewAccount(
        fullname=form.fullname.data or "",
        name=form.name.data or "",
        email_addr=form.email_addr.data or "",
        password=form.password.data or "",
        consent=bool(form.consent.data),
    )
    contributor = ctx.actor.contributor or ""
    volunteer = contributor if contributor.startswith("anon:") else None
    passwords = ctx.app_services.passwords
    if ctx.settings.confirms_addresses:
        await attempts.count_mail(ctx, new.email_addr)
        await registration.ask(ctx.session, passwords, ctx.settings, new, volunteer)
        return ValidationPage(title=_("Account validation"))
    return await welcome_new(ctx, await accounts.register(ctx.session, passwords, new, volunteer), ctx.local_next())


async def welcome_new(ctx: RequestContext, user: User, target: str) -> Redirect:
    """Sign in whoever has just got this account, and lead them on."""
    ctx.sign_in(user)
    # What the browser's volunteer has answered is the account's now; who comes after is somebody else.
    ctx.set_cookie(VOLUNTEER_COOKIE, "", max_age=0)
    ctx.uow.after_commit(ctx.forget_credentials)
    await ctx.flash(_("Thanks for signing-up"), "success")
    return Redirect(target, status="success", reload=True)


@page(
    blueprint,
    "/account/register/confirmation",
    methods=("GET", "POST"),
    action=Action.ACCOUNT_REGISTER,
    fail_closed=True,
)
async def confirm_registration(ctx: RequestContext) -> ConfirmationPage | Redirect:
    """The link that was mailed: a button, since programs that read mail follow links, and then the account."""
    token = ctx.args.get("key", "")
    if addresses.looks_like_one(token, ctx.settings):
        return await _confirm_address(ctx, token)
    if not ctx.posted:
        registration.look_at(token, ctx.settings)
        return ConfirmationPage(title=_("Account validation"), form=ctx.csrf_form())
    await attempts.count_registration(ctx)
    known = pending_identity.find_identity(ctx)
    return await welcome_new(ctx, await registration.confirm(ctx.session, token, ctx.settings, known), "/")


async def _confirm_address(ctx: RequestContext, token: str) -> ConfirmationPage | Redirect:
    """The address of an account that there is. A changed one is confirmed by whoever is signed in with the account."""
    if ctx.posted:
        user = await addresses.confirm(ctx.session, ctx.actor, token, ctx.settings)
        await ctx.flash(_("Your email has been validated."), "message")
        return Redirect(account_url(user.name) if user.id == ctx.actor.user_id else "/", status="message")
    user, email_addr, needs_sign_in = await addresses.opened(ctx.session, token, ctx.settings)
    if needs_sign_in and ctx.actor.user_id != user.id:
        if not ctx.actor.is_anonymous:
            raise Forbidden(_("This link is for another account: sign out, and in with that one."))
        return Redirect(with_next("/account/signin", f"{ctx.path}?key={quote(token)}"))
    return ConfirmationPage(title=_("Account validation"), form=ctx.csrf_form(), email_addr=email_addr)


@page(
    blueprint,
    "/account/confirm-email",
    action=Action.ACCOUNT_CONFIRM_EMAIL,
    sign_in=True,
    mutating_get=True,
    methods=("GET", "POST"),
    fail_closed=True,
)
async def confirm_email(ctx: RequestContext) -> Redirect:
    """Have a link mailed to one's own address, if that is not confirmed yet."""
    if not ctx.settings.confirms_addresses:
        raise NotFound(_("Addresses need no confirmation here."))
    user = await UserRepository(ctx.session).get(ctx.actor.user_id or 0)
    if not user.valid_email:
        await attempts.count_mail(ctx, user.email_addr)
        await addresses.ask_to_confirm(ctx.session, ctx.actor, user)
        told = _("An email has been sent to verify your address: %(address)s. Open the link in it.")
        await ctx.flash(told % {"address": user.email_addr}, "info")
    return Redirect(account_url(user.name))


@page(
    blueprint,
    "/account/signin",
    methods=("GET", "POST"),
    action=Action.ACCOUNT_SIGN_IN,
    fail_closed=True,
    forms=(SignInForm, DirectorySignInForm),
)
async def signin(ctx: RequestContext) -> SignInPage | Redirect:
    """Sign in by e-mail address and password."""
    if not ctx.actor.is_anonymous:
        return Redirect(ctx.local_next())
    directory = ctx.app_services.directory
    form: SignInForm | DirectorySignInForm
    form = ctx.bind(SignInForm) if directory is None else ctx.bind(DirectorySignInForm)

    async def show() -> SignInPage:
        target, services = ctx.local_next(""), ctx.app_services.providers
        return SignInPage(
            title=_("Sign in"),
            form=ctx.form_model(form),
            next=target or None,
            auth=NO_PROVIDERS | dict.fromkeys(services, True),
            providers=provider_links(services, target=target),
            can_join=directory is None,
        )

    return await handle_form(ctx, form, act=lambda: _welcome(ctx, form), show=show)


async def _welcome(ctx: RequestContext, form: SignInForm | DirectorySignInForm) -> Redirect | None:
    """Where to go if the password is right. Failures are counted; too many have to wait
    (docs/contract/gaps.md 3.23)."""
    email = (form.email.data or "").strip()
    known = await identity.id_by_address(ctx.uow.autocommit, email)
    guess = await attempts.begin_guess(ctx, attempts.account_subject(known, email))
    user = await accounts.sign_in(ctx.session, ctx.app_services.passwords, email, form.password.data or "")
    directory = ctx.app_services.directory
    # Where there is a directory, passwords of this site are for administrators, who can get in while it is away.
    if directory is not None and (user is None or not user.admin):
        return await directory_signing.welcome(ctx, directory, email, form.password.data or "", guess)
    if user is None:
        guess.fail()
        await ctx.refuse(_("Ooops, Incorrect email/password"))
        return None
    await guess.forgive()
    return await complete_sign_in(ctx, user)


@page(blueprint, "/account/signout", methods=("GET", "POST"), action=Action.ACCOUNT_SIGN_OUT, mutating_get=True)
async def signout(ctx: RequestContext) -> Redirect:
    """Sign out in this browser; copies of its cookie are worth nothing from now on."""
    await ctx.sign_out()
    await ctx.flash(_("You are now signed out"), "success")
    return Redirect("/", status="success", reload=True, extra={"message": _("You are now signed out")})
