"""Passkeys: made, removed, and signed in with. What browsers are asked for, and what they answer, is JSON; the answer
travels in a form's hidden field, so that its page goes on as after any form."""

from collections.abc import Awaitable
from typing import Any

from quart import Blueprint

from webapp.errors import Invalid
from webapp.forms.account.security import NewPasskeyForm, PasskeyForm
from webapp.http.forms import handle_form
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.accounts import passkeys, sessions
from webapp.services.accounts.linked_accounts import LastSignInMethod
from webapp.services.accounts.passkeys import PasskeyRefused, Site
from webapp.viewmodels.account.security import SecurityPage
from webapp.viewmodels.page import Json, Redirect
from webapp.views.account.completing_sign_in import complete_sign_in
from webapp.views.account.security import PLACE, in_person, proven, security_page, security_url, tell

blueprint = Blueprint("account_passkeys", __name__)
CHALLENGE = "passkey"
"""The name of the challenge's key in the browser's session."""
SIGN_IN = "/account/signin"


def _site(ctx: RequestContext) -> Site:
    return Site(ctx.site_origin, ctx.settings.brand)


async def _asked(ctx: RequestContext, options: Awaitable[tuple[str, dict[str, Any]]]) -> Json:
    key, wanted = await options
    ctx.keep_for_browser(CHALLENGE, key)
    return Json({"options": wanted})


@page(blueprint, f"{SIGN_IN}/passkey/options", methods=("POST",), action=Action.ACCOUNT_SIGN_IN, fail_closed=True)
async def sign_in_options(ctx: RequestContext) -> Json:
    """What the browser is asked for: any passkey of this site."""
    return await _asked(ctx, passkeys.authentication_options(ctx.app_services.short_lived, _site(ctx)))


@page(
    blueprint,
    f"{SIGN_IN}/passkey",
    methods=("POST",),
    action=Action.ACCOUNT_SIGN_IN,
    fail_closed=True,
    forms=(PasskeyForm,),
)
async def sign_in(ctx: RequestContext) -> Redirect:
    """Sign in with a passkey, which counts as both steps."""
    if not ctx.actor.is_anonymous:
        return Redirect(ctx.local_next())
    form = ctx.bind(PasskeyForm)
    key = ctx.take_of_browser(CHALLENGE)
    try:
        if not form.validate():
            raise PasskeyRefused
        user = await passkeys.recognise(
            ctx.session,
            ctx.app_services.short_lived,
            _site(ctx),
            key=key,
            credential=form.credential.data or "",
        )
    except Invalid as wrong:
        await ctx.refuse(wrong.message)
        return Redirect(SIGN_IN, status="error")
    return await complete_sign_in(ctx, user, both_steps=True) or Redirect(SIGN_IN, status="error")


@page(
    blueprint,
    f"{PLACE}/confirm/passkey/options",
    methods=("POST",),
    action=Action.ACCOUNT_SECURE,
    sign_in=True,
    fail_closed=True,
)
async def confirm_options(ctx: RequestContext, name: str) -> Json:
    """What the browser is asked for to show once more who its person is."""
    user = await in_person(ctx, name)
    short_lived = ctx.app_services.short_lived
    return await _asked(ctx, passkeys.authentication_options(short_lived, _site(ctx), confirms=user.id))


@page(
    blueprint,
    f"{PLACE}/confirm/passkey",
    methods=("POST",),
    action=Action.ACCOUNT_SECURE,
    sign_in=True,
    fail_closed=True,
    forms=(PasskeyForm,),
)
async def confirm(ctx: RequestContext, name: str) -> Redirect:
    """Show once more who one is, by a passkey."""
    user = await in_person(ctx, name)
    form = ctx.bind(PasskeyForm)
    try:
        if not form.validate():
            raise PasskeyRefused
        await passkeys.recognise(
            ctx.session,
            ctx.app_services.short_lived,
            _site(ctx),
            key=ctx.take_of_browser(CHALLENGE),
            credential=form.credential.data or "",
            confirms=user.id,
        )
    except Invalid as wrong:
        await ctx.refuse(wrong.message)
        return Redirect(security_url(user, "confirm"), status="error")
    await sessions.prove(ctx.session, ctx.actor, user, ctx.user_agent)
    return Redirect(ctx.local_next(security_url(user)), status="success")


@page(
    blueprint,
    f"{PLACE}/passkeys/options",
    methods=("POST",),
    action=Action.ACCOUNT_SECURE,
    sign_in=True,
    fail_closed=True,
)
async def registration_options(ctx: RequestContext, name: str) -> Json | Redirect:
    """What the browser is asked to make."""
    user = await proven(ctx, name)
    services = ctx.app_services
    try:
        return await _asked(
            ctx,
            passkeys.registration_options(ctx.session, services.short_lived, _site(ctx), ctx.actor, user),
        )
    except Invalid as wrong:
        await ctx.refuse(wrong.message)
        return Redirect(security_url(user), status="error")


@page(
    blueprint,
    f"{PLACE}/passkeys",
    methods=("POST",),
    action=Action.ACCOUNT_SECURE,
    sign_in=True,
    fail_closed=True,
    forms=(NewPasskeyForm,),
)
async def register(ctx: RequestContext, name: str) -> SecurityPage | Redirect:
    """Take a passkey that the browser has made."""
    user = await proven(ctx, name)
    form = ctx.bind(NewPasskeyForm)

    async def add() -> Redirect:
        await passkeys.register(
            ctx.session,
            ctx.app_services.short_lived,
            _site(ctx),
            ctx.actor,
            user,
            key=ctx.take_of_browser(CHALLENGE),
            name=form.name.data or "",
            credential=form.credential.data or "",
        )
        await tell(ctx, user, "passkey added", form.name.data or "")
        await ctx.flash(_("From now on you can sign in with this passkey."), "success")
        return Redirect(security_url(user), status="success")

    return await handle_form(ctx, form, act=add, show=lambda: security_page(ctx, user, form), explain=True)


@page(
    blueprint,
    f"{PLACE}/passkeys/<int:passkey_id>/remove",
    methods=("POST",),
    action=Action.ACCOUNT_SECURE,
    sign_in=True,
)
async def remove(ctx: RequestContext, name: str, passkey_id: int) -> Redirect:
    """Let nobody in with this passkey any more."""
    user = await proven(ctx, name)
    try:
        removed = await passkeys.remove(ctx.session, ctx.actor, user, passkey_id)
    except LastSignInMethod as refusal:
        await ctx.refuse(refusal.message)
        return Redirect(security_url(user), status="error")
    await tell(ctx, user, "passkey removed", removed)
    await ctx.flash(_("The passkey is removed. Delete it on your device, too."), "success")
    return Redirect(security_url(user), status="success")
