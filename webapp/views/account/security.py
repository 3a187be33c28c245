"""Where somebody is signed in, and what they sign in with beside a password."""

from typing import Any

from quart import Blueprint

from db.models import Passkey, User
from db.repositories.user import UserRepository
from webapp.errors import Forbidden, Invalid
from webapp.forms.account.security import (
    AuthenticatorForm,
    ConfirmForm,
    EndSessionsForm,
    MailCodesForm,
    NewPasskeyForm,
)
from webapp.http.forms import handle_form
from webapp.http.limits import attempts
from webapp.http.page import Redirected, RequestContext, page
from webapp.http.security import last_use
from webapp.i18n import gettext as _
from webapp.policies import Action, about_user, require
from webapp.services.accounts import accounts, passkeys, second_step, security_notices, sessions
from webapp.services.accounts.second_step import Setup
from webapp.services.accounts.sessions import Session
from webapp.urls import account_url, with_next
from webapp.viewmodels.account.security import AuthenticatorPage, ConfirmPage, RecoveryCodesPage, SecurityPage
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.qr_code import qr_path

blueprint = Blueprint("account_security", __name__)
PLACE = "/account/<name>/security"


async def oneself(ctx: RequestContext, name: str) -> User:
    """The account of this name, which has to be the caller's own."""
    user = await UserRepository(ctx.session).get_by_name(name)
    require(ctx.actor, Action.ACCOUNT_SECURE, about_user(user.id))
    return user


def security_url(user: User, rest: str = "") -> str:
    """The path of the page, or of one below it."""
    return account_url(user.name, f"security/{rest}" if rest else "security")


async def in_person(ctx: RequestContext, name: str) -> User:
    """The caller's own account, in a browser's session: an API key opens no doors for whoever has copied it."""
    user = await oneself(ctx, name)
    if ctx.actor.by_key:
        raise Forbidden(_("With an API key nothing is changed here: sign in with a browser."))
    return user


async def proven(ctx: RequestContext, name: str) -> User:
    """The same, of somebody who has shown who they are some minutes ago at the most. Others are sent to do so first."""
    user = await in_person(ctx, name)
    if not await sessions.is_fresh(ctx.session, ctx.actor):
        await ctx.flash(_("Please confirm first that it is you."), "info")
        back = ctx.path if ctx.method == "GET" else security_url(user)
        raise Redirected(Redirect(with_next(security_url(user, "confirm"), back), status="info"))
    return user


async def tell(ctx: RequestContext, user: User, what: str, detail: str = "") -> None:
    """Have the person told by mail of a change."""
    await security_notices.tell(ctx.session, ctx.settings, user.id, what, detail)


@page(blueprint, PLACE, action=Action.ACCOUNT_SECURE, sign_in=True)
async def security(ctx: RequestContext, name: str) -> SecurityPage:
    """Sessions, second step, passkeys."""
    return await security_page(ctx, await oneself(ctx, name))


async def security_page(ctx: RequestContext, user: User, form: NewPasskeyForm | None = None) -> SecurityPage:
    """The page, with the form of a new passkey as it was sent."""
    found = await sessions.of_account(ctx.session, ctx.actor, user, ctx.user_agent)
    used = await last_use.of_sessions(ctx.app_services, [one.credential for one in found])
    chosen = await second_step.chosen_by(ctx.session, user)
    return SecurityPage(
        title=_("Signing in safely"),
        name=user.name,
        fullname=user.fullname,
        form=ctx.csrf_form(),
        passkey_form=ctx.form_model(form or NewPasskeyForm()),
        sessions=[_shown(one) | {"last_used": used.get(one.credential) or one.created} for one in found],
        passkeys=[_passkey(one) for one in await passkeys.of_account(ctx.session, ctx.actor, user)],
        app=chosen.app,
        mail_codes=chosen.mail_codes,
        mail_required=ctx.settings.two_factor,
        can_mail=ctx.settings.confirms_addresses,
        n_recovery_codes=chosen.n_recovery_codes,
    )


def _shown(one: Session) -> dict[str, Any]:
    return {
        "id": one.id,
        "browser": one.browser,
        "system": one.system,
        "created": one.created,
        "present": one.is_present,
    }


def _passkey(row: Passkey) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "created": row.created, "last_used": row.last_used}


@page(
    blueprint,
    f"{PLACE}/sessions/<int:session_id>/end",
    methods=("POST",),
    action=Action.ACCOUNT_SECURE,
    sign_in=True,
)
async def end_session(ctx: RequestContext, name: str, session_id: int) -> Redirect:
    """Sign out one browser."""
    user = await in_person(ctx, name)
    ended = await sessions.end(ctx.session, ctx.actor, user, session_id)
    ctx.uow.after_commit(ctx.forget_credentials)
    if ended == ctx.actor.credential:
        await ctx.sign_out()
        await ctx.flash(_("You are now signed out"), "success")
        return Redirect("/", status="success", reload=True)
    await ctx.flash(_("That browser is signed out."), "success")
    return Redirect(security_url(user), status="success")


@page(
    blueprint,
    f"{PLACE}/sessions/end",
    methods=("POST",),
    action=Action.ACCOUNT_SECURE,
    sign_in=True,
    forms=(EndSessionsForm,),
)
async def end_sessions(ctx: RequestContext, name: str) -> Redirect:
    """Sign out everywhere, this browser too unless it is to stay."""
    user = await in_person(ctx, name)
    form = ctx.bind(EndSessionsForm)
    was_fresh = await sessions.is_fresh(ctx.session, ctx.actor)
    await sessions.end_all(ctx.session, ctx.actor, user)
    if form.others.data:
        ctx.credentials_ended(user, is_proven=was_fresh)
        await ctx.flash(_("You are signed out everywhere else."), "success")
        return Redirect(security_url(user), status="success", reload=True)
    await ctx.sign_out()
    ctx.uow.after_commit(ctx.forget_credentials)
    await ctx.flash(_("You are signed out everywhere."), "success")
    return Redirect("/account/signin", status="success", reload=True)


@page(
    blueprint,
    f"{PLACE}/confirm",
    methods=("GET", "POST"),
    action=Action.ACCOUNT_SECURE,
    sign_in=True,
    fail_closed=True,
    forms=(ConfirmForm,),
)
async def confirm(ctx: RequestContext, name: str) -> ConfirmPage | Redirect:
    """Show once more who one is, by the password."""
    user = await oneself(ctx, name)
    form = ctx.bind(ConfirmForm)
    target = ctx.local_next(security_url(user))
    has_passkeys = bool(await passkeys.of_account(ctx.session, ctx.actor, user))

    async def check() -> Redirect | None:
        await in_person(ctx, name)
        await ctx.release_database()
        guess = await attempts.begin_guess(ctx, attempts.account_subject(user.id, ""))
        if not await accounts.has_this_password(ctx.app_services.passwords, user, form.password.data or ""):
            guess.fail()
            raise Invalid("password", _("This is not your password."))
        await guess.forgive()
        await sessions.prove(ctx.session, ctx.actor, user, ctx.user_agent)
        return Redirect(target, status="success")

    async def show() -> ConfirmPage:
        return ConfirmPage(
            title=_("Confirm that it is you"),
            name=user.name,
            fullname=user.fullname,
            form=ctx.form_model(form),
            next=target,
            has_password=user.passwd_hash is not None,
            has_passkeys=has_passkeys,
        )

    return await handle_form(ctx, form, act=check, show=show)


@page(
    blueprint,
    f"{PLACE}/authenticator",
    methods=("GET", "POST"),
    action=Action.ACCOUNT_SECURE,
    sign_in=True,
    forms=(AuthenticatorForm,),
)
async def authenticator(ctx: RequestContext, name: str) -> AuthenticatorPage | RecoveryCodesPage | Redirect:
    """Set an authenticator app up: its secret, and back the first code."""
    user = await oneself(ctx, name) if ctx.actor.by_key and not ctx.posted else await proven(ctx, name)
    form = ctx.bind(AuthenticatorForm)
    known = second_step.same_setup(ctx.settings, user, form.setup.data or "") if ctx.posted else None
    setup = known or second_step.new_setup(ctx.settings, user)
    form.setup.data = setup.sealed

    async def check() -> None:
        if known is None:
            form.refuse(Invalid("otp", _("This took too long. Set the app up anew, with this key.")))

    async def add() -> RecoveryCodesPage | Redirect:
        codes = await second_step.add_app(ctx.session, ctx.actor, ctx.settings, user, setup, form.otp.data or "")
        await tell(ctx, user, "app added")
        await ctx.flash(_("From now on you are asked for a code of your app."), "success")
        return _codes_or_back(user, codes)

    return await handle_form(ctx, form, check=check, act=add, show=lambda: _setup_page(ctx, user, form, setup))


async def _setup_page(ctx: RequestContext, user: User, form: AuthenticatorForm, setup: Setup) -> AuthenticatorPage:
    path, size = qr_path(setup.uri)
    return AuthenticatorPage(
        title=_("Authenticator app"),
        name=user.name,
        fullname=user.fullname,
        form=ctx.form_model(form),
        secret=setup.secret,
        uri=setup.uri,
        qr_path=path,
        qr_size=size,
    )


def _codes_or_back(user: User, codes: list[str]) -> RecoveryCodesPage | Redirect:
    if not codes:
        return Redirect(security_url(user), status="success")
    return RecoveryCodesPage(title=_("Recovery codes"), name=user.name, fullname=user.fullname, codes=codes)


@page(blueprint, f"{PLACE}/authenticator/remove", methods=("POST",), action=Action.ACCOUNT_SECURE, sign_in=True)
async def remove_authenticator(ctx: RequestContext, name: str) -> Redirect:
    """Ask for no codes of an app any more."""
    user = await proven(ctx, name)
    await second_step.remove_app(ctx.session, ctx.actor, user)
    await tell(ctx, user, "app removed")
    await ctx.flash(_("The app is not asked for any more."), "success")
    return Redirect(security_url(user), status="success")


@page(
    blueprint,
    f"{PLACE}/mail-codes",
    methods=("POST",),
    action=Action.ACCOUNT_SECURE,
    sign_in=True,
    forms=(MailCodesForm,),
)
async def mail_codes(ctx: RequestContext, name: str) -> RecoveryCodesPage | Redirect:
    """Have codes mailed, or (`enabled` false) no more."""
    user = await proven(ctx, name)
    if not ctx.bind(MailCodesForm).enabled.data:
        await second_step.remove_mail(ctx.session, ctx.actor, user)
        await tell(ctx, user, "mail codes off")
        await ctx.flash(_("No codes are mailed to you any more."), "success")
        return Redirect(security_url(user), status="success")
    try:
        codes = await second_step.add_mail(ctx.session, ctx.actor, ctx.settings, user)
    except Invalid as wrong:
        await ctx.refuse(wrong.message)
        return Redirect(security_url(user), status="error")
    await tell(ctx, user, "mail codes on")
    await ctx.flash(_("From now on a code is mailed to you when you sign in."), "success")
    return _codes_or_back(user, codes)


@page(blueprint, f"{PLACE}/recovery-codes", methods=("POST",), action=Action.ACCOUNT_SECURE, sign_in=True)
async def recovery_codes(ctx: RequestContext, name: str) -> RecoveryCodesPage | Redirect:
    """Other recovery codes in place of those of before."""
    user = await proven(ctx, name)
    try:
        codes = await second_step.new_recovery_codes(ctx.session, ctx.actor, ctx.settings, user)
    except Invalid as wrong:
        await ctx.refuse(wrong.message)
        return Redirect(security_url(user), status="error")
    await tell(ctx, user, "recovery codes")
    return _codes_or_back(user, codes)
