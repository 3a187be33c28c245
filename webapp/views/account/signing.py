"""Register, sign in, sign out (docs/contract/pages.md 3)."""

from quart import Blueprint

from db.models import User
from db.queries.accounts import identity
from webapp.errors import NotFound
from webapp.forms.account.identity import DirectorySignInForm, RegisterForm, SignInForm
from webapp.http.forms import handle_form
from webapp.http.limits import attempts
from webapp.http.page import RequestContext, page
from webapp.http.security.auth import VOLUNTEER_COOKIE
from webapp.i18n import format_day
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.accounts import accounts, invitations, registration
from webapp.services.accounts.accounts import NewAccount
from webapp.services.accounts.suspension import is_suspended
from webapp.viewmodels.account.providers import provider_links
from webapp.viewmodels.account.signing import NO_PROVIDERS, ConfirmationPage, RegisterPage, SignInPage, ValidationPage
from webapp.viewmodels.page import Redirect
from webapp.views.account import arrivals, directory_signing

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
        await registration.ask(ctx.session, ctx.app_services.queue, passwords, ctx.settings, new, volunteer)
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
    if not ctx.posted:
        registration.look_at(token, ctx.settings)
        return ConfirmationPage(title=_("Account validation"), form=ctx.csrf_form())
    await attempts.count_registration(ctx)
    known = arrivals.known(ctx)
    return await welcome_new(ctx, await registration.confirm(ctx.session, token, ctx.settings, known), "/")


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
    if is_suspended(user):
        until = format_day(user.suspended_until) if user.suspended_until is not None else ""
        told = _("This account is suspended until %(day)s: %(reason)s", day=until, reason=user.suspended_reason or "")
        await ctx.refuse(told)
        return None
    ctx.sign_in(user)
    await ctx.flash(_("Welcome back %(name)s", name=user.fullname), "success")
    return Redirect(ctx.local_next(), status="success", reload=True)


@page(blueprint, "/account/signout", methods=("GET", "POST"), action=Action.ACCOUNT_SIGN_OUT, mutating_get=True)
async def signout(ctx: RequestContext) -> Redirect:
    """Sign out in this browser; copies of its cookie are worth nothing from now on."""
    await ctx.sign_out()
    await ctx.flash(_("You are now signed out"), "success")
    return Redirect("/", status="success", reload=True, extra={"message": _("You are now signed out")})
