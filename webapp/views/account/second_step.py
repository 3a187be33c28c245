"""The second step of signing in (docs/contract/pages.md 3, `otpvalidation`)."""

from quart import Blueprint

from webapp.forms.account.security import CodeForm
from webapp.http.forms import handle_form
from webapp.http.limits import attempts
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.integrations.short_lived import NotKept
from webapp.policies import Action
from webapp.services.accounts import second_step, security_notices
from webapp.services.accounts.second_step import Challenge
from webapp.viewmodels.account.security import OneTimeCodePage
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.public.user import user_public
from webapp.views.account.completing_sign_in import complete_sign_in

blueprint = Blueprint("account_second_step", __name__)
SIGN_IN = "/account/signin"


@page(
    blueprint,
    "/account/<token>/otpvalidation",
    methods=("GET", "POST"),
    action=Action.ACCOUNT_SIGN_IN,
    fail_closed=True,
    forms=(CodeForm,),
)
async def validate_otp(ctx: RequestContext, token: str) -> OneTimeCodePage | Redirect:
    """A code of the authenticator app, one that was mailed, or a recovery code."""
    try:
        challenge = await second_step.find_challenge(ctx.session, ctx.app_services.short_lived, token)
    except NotKept:
        if ctx.posted:
            raise
        challenge = None
    if challenge is None:
        return await _begin_anew(ctx)
    form = ctx.bind(CodeForm)

    async def show() -> OneTimeCodePage:
        return OneTimeCodePage(
            title=_("Verify OTP"),
            form=ctx.form_model(form),
            user=user_public(challenge.user),
            next=ctx.local_next("") or None,
            token=token,
            app=challenge.nonce is None,
        )

    return await handle_form(ctx, form, act=lambda: _check(ctx, challenge, form.otp.data or ""), show=show)


async def _begin_anew(ctx: RequestContext) -> Redirect:
    await ctx.flash(_("Please sign in."), "error")
    return Redirect(SIGN_IN, status="error")


async def _check(ctx: RequestContext, challenge: Challenge, code: str) -> Redirect | None:
    """Where to go if the code is right. A wrong one has another mailed, and is counted."""
    short_lived, user = ctx.app_services.short_lived, challenge.user
    guess = await attempts.begin_code(ctx, user.id)
    outcome = await second_step.answer(ctx.session, short_lived, ctx.settings, challenge, code)
    if outcome is not None:
        await guess.forgive()
        if outcome == "recovery code":
            await security_notices.tell(ctx.session, ctx.settings, user.id, "recovery code used")
        return await complete_sign_in(ctx, user, both_steps=True) or Redirect(SIGN_IN, status="error")
    if not await second_step.has_tries_left(short_lived, challenge):
        return await _begin_anew(ctx)
    if challenge.nonce is None:
        await ctx.refuse(_("This code is not right, or was used already. Please try the next one."))
        return None
    await attempts.count_mail(ctx, user.email_addr)
    # Nothing else of a refused request is kept: the letter is.
    await second_step.mail_again(ctx.session, short_lived, challenge)
    await ctx.flash(_("This code is not right. Another one is on its way to you."), "error")
    return None
