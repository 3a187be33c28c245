"""Register, sign in, sign out (docs/contract/pages.md 3)."""

from quart import Blueprint

from db.models import User
from db.queries import identity
from webapp.forms.account.identity import RegisterForm, SignInForm
from webapp.http import attempts
from webapp.http.auth import VOLUNTEER_COOKIE
from webapp.http.forms import handle_form
from webapp.http.page import Call, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services import accounts, registration
from webapp.services.accounts import NewAccount
from webapp.viewmodels.account.signing import ConfirmationPage, RegisterPage, SignInPage, ValidationPage
from webapp.viewmodels.page import Redirect

blueprint = Blueprint("account_signing", __name__)


@page(blueprint, "/account/register", methods=("GET", "POST"), action=Action.ACCOUNT_REGISTER)
async def register(call: Call) -> RegisterPage | ValidationPage | Redirect:
    """Join. The answers that this browser gave before become the new account's."""
    form = call.bind(RegisterForm)

    async def check() -> None:
        # Whether the address has an account is looked into only by attempts that are counted.
        if wrong := await accounts.name_refusal(call.session, form.sound("name")):
            form.refuse(wrong)

    async def show() -> RegisterPage:
        return RegisterPage(title=_("Register"), form=call.form_model(form))

    return await handle_form(call, form, check=check, act=lambda: _join(call, form), show=show)


async def _join(call: Call, form: RegisterForm) -> ValidationPage | Redirect:
    await attempts.count_registration(call)
    new = NewAccount(
        fullname=form.fullname.data or "",
        name=form.name.data or "",
        email_addr=form.email_addr.data or "",
        password=form.password.data or "",
        consent=bool(form.consent.data),
    )
    contributor = call.actor.contributor or ""
    volunteer = contributor if contributor.startswith("anon:") else None
    passwords = call.platform.passwords
    if call.settings.confirms_addresses:
        await attempts.count_mail(call, new.email_addr)
        await registration.ask(call.session, call.platform.queue, passwords, call.settings, new, volunteer)
        return ValidationPage(title=_("Account validation"))
    return await _welcome_new(call, await accounts.register(call.session, passwords, new, volunteer), call.local_next())


async def _welcome_new(call: Call, user: User, target: str) -> Redirect:
    call.sign_in(user)
    # What the browser's volunteer has answered is the account's now; who comes after is somebody else.
    call.set_cookie(VOLUNTEER_COOKIE, "", max_age=0)
    call.uow.after_commit(call.forget_credentials)
    await call.flash(_("Thanks for signing-up"), "success")
    return Redirect(target, status="success", reload=True)


@page(blueprint, "/account/register/confirmation", methods=("GET", "POST"), action=Action.ACCOUNT_REGISTER)
async def confirm_registration(call: Call) -> ConfirmationPage | Redirect:
    """The link that was mailed: a button, since programs that read mail follow links, and then the account."""
    token = call.args.get("key", "")
    if not call.posted:
        registration.look_at(token, call.settings)
        return ConfirmationPage(title=_("Account validation"), form=call.csrf_form())
    await attempts.count_registration(call)
    return await _welcome_new(call, await registration.confirm(call.session, token, call.settings), "/")


@page(blueprint, "/account/signin", methods=("GET", "POST"), action=Action.ACCOUNT_SIGN_IN)
async def signin(call: Call) -> SignInPage | Redirect:
    """Sign in by e-mail address and password."""
    if not call.actor.is_anonymous:
        return Redirect(call.local_next())
    form = call.bind(SignInForm)

    async def show() -> SignInPage:
        return SignInPage(title=_("Sign in"), form=call.form_model(form), next=call.args.get("next"))

    return await handle_form(call, form, act=lambda: _welcome(call, form), show=show)


async def _welcome(call: Call, form: SignInForm) -> Redirect | None:
    """Where to go if the password is right. Failures are counted; too many have to wait
    (docs/contract/gaps.md 3.23)."""
    email = (form.email.data or "").strip()
    known = await identity.id_by_address(call.uow.direct, email)
    guess = await attempts.begin_guess(call, attempts.account_subject(known, email))
    user = await accounts.sign_in(call.session, call.platform.passwords, email, form.password.data or "")
    if user is None:
        guess.fail()
        await call.refuse(_("Ooops, Incorrect email/password"))
        return None
    await guess.forgive()
    call.sign_in(user)
    await call.flash(_("Welcome back %(name)s", name=user.fullname), "success")
    return Redirect(call.local_next(), status="success", reload=True)


@page(blueprint, "/account/signout", methods=("GET", "POST"), action=Action.ACCOUNT_SIGN_OUT, mutating_get=True)
async def signout(call: Call) -> Redirect:
    """Sign out in this browser; copies of its cookie are worth nothing from now on."""
    await call.sign_out()
    await call.flash(_("You are now signed out"), "success")
    return Redirect("/", status="success", reload=True, extra={"message": _("You are now signed out")})
