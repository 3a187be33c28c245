"""Register, sign in, sign out (01-pages section 3)."""

from quart import Blueprint

from webapp.errors import Invalid
from webapp.forms.account.identity import RegisterForm, SignInForm
from webapp.http import attempts
from webapp.http.page import Call, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services import accounts
from webapp.services.accounts import NewAccount
from webapp.viewmodels.account.signing import RegisterPage, SignInPage
from webapp.viewmodels.page import Redirect

blueprint = Blueprint("account_signing", __name__)


@page(blueprint, "/account/register", methods=("GET", "POST"), action=Action.ACCOUNT_REGISTER)
async def register(call: Call) -> RegisterPage | Redirect:
    """Join. The answers that this browser gave before become the new account's."""
    form = call.bind(RegisterForm)
    if call.posted:
        if await _can_join(call, form):
            try:
                return await _join(call, form)
            except Invalid as wrong:
                form.refuse(wrong)
        await call.refuse()
    return RegisterPage(title=_("Register"), form=call.form_model(form))


async def _can_join(call: Call, form: RegisterForm) -> bool:
    """Whether everything is right; every fault is at its field."""
    form.validate()
    for wrong in await accounts.refusals(call.session, form.sound("name"), form.sound("email_addr")):
        form.refuse(wrong)
    return not form.errors


async def _join(call: Call, form: RegisterForm) -> Redirect:
    new = NewAccount(
        fullname=form.fullname.data or "",
        name=form.name.data or "",
        email_addr=form.email_addr.data or "",
        password=form.password.data or "",
        consent=bool(form.consent.data),
    )
    contributor = call.actor.contributor or ""
    volunteer = contributor if contributor.startswith("anon:") else None
    user = await accounts.register(call.session, call.platform.passwords, new, volunteer)
    call.sign_in(user)
    await call.flash(_("Thanks for signing-up"), "success")
    return Redirect(call.local_next(), status="success", reload=True)


@page(blueprint, "/account/signin", methods=("GET", "POST"), action=Action.ACCOUNT_SIGN_IN)
async def signin(call: Call) -> SignInPage | Redirect:
    """Sign in by e-mail address and password."""
    if not call.actor.is_anonymous:
        return Redirect(call.local_next())
    form = call.bind(SignInForm)
    if call.posted and form.validate():
        if (welcome := await _welcome(call, form)) is not None:
            return welcome
    elif call.posted:
        await call.refuse()
    return SignInPage(title=_("Sign in"), form=call.form_model(form), next=call.args.get("next"))


async def _welcome(call: Call, form: SignInForm) -> Redirect | None:
    """Where to go if the password is right. Failures are counted; too many have to wait (08-gaps 3.23)."""
    email = (form.email.data or "").strip()
    await attempts.begin(call, attempts.SIGN_IN, email)
    user = await accounts.sign_in(call.session, call.platform.passwords, email, form.password.data or "")
    if user is None:
        await call.refuse(_("Ooops, Incorrect email/password"))
        return None
    await attempts.forgive(call, attempts.SIGN_IN, email)
    call.sign_in(user)
    await call.flash(_("Welcome back %(name)s", name=user.fullname), "success")
    return Redirect(call.local_next(), status="success", reload=True)


@page(blueprint, "/account/signout", methods=("GET", "POST"), action=Action.ACCOUNT_SIGN_OUT, mutating_get=True)
async def signout(call: Call) -> Redirect:
    """Sign out in this browser."""
    call.sign_out()
    await call.flash(_("You are now signed out"), "success")
    return Redirect("/", status="success", reload=True, extra={"message": _("You are now signed out")})
