"""Forgotten passwords: asking for a link, and following it (docs/contract/pages.md 3)."""

from quart import Blueprint

from webapp.errors import NotFound
from webapp.forms.account.recovery import ForgotForm, ResetForm
from webapp.http.forms import handle_form
from webapp.http.limits import attempts
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.accounts import recovery, security_notices
from webapp.viewmodels.account.recovery import ForgotPage, ResetPage
from webapp.viewmodels.page import Redirect
from webapp.views.account.completing_sign_in import ask_second_step

blueprint = Blueprint("account_recovery", __name__)


def _check_passwords_are_ours(ctx: RequestContext) -> None:
    """Raises NotFound where people sign in by a directory: a password of this site would let in who has left that."""
    if ctx.app_services.directory is not None:
        raise NotFound(_("Passwords here are those of a directory: they are changed there."))


@page(
    blueprint,
    "/account/forgot-password",
    methods=("GET", "POST"),
    action=Action.ACCOUNT_RECOVER,
    fail_closed=True,
    forms=(ForgotForm,),
)
async def forgot_password(ctx: RequestContext) -> ForgotPage:
    """Ask for a link to a new password. The answer does not tell whether there is such an account
    (docs/contract/gaps.md 3.23)."""
    _check_passwords_are_ours(ctx)
    form = ctx.bind(ForgotForm)

    async def show(*, asked: bool = False) -> ForgotPage:
        model, can_mail = ctx.form_model(form), ctx.settings.sends_mail
        return ForgotPage(title=_("Forgotten password"), form=model, can_mail=can_mail, asked=asked)

    async def ask() -> ForgotPage | None:
        if not ctx.settings.sends_mail:
            await ctx.refuse(_("This site cannot send mail. Ask the people who run it for a new password."))
            return None
        email = form.email_addr.data or ""
        await attempts.count_mail(ctx, email)
        await recovery.request_link(ctx.session, email)
        await ctx.flash(_("If there is an account with this address, a link is on its way to it."), "success")
        return await show(asked=True)

    return await handle_form(ctx, form, act=ask, show=show)


@page(
    blueprint,
    "/account/reset-password",
    methods=("GET", "POST"),
    action=Action.ACCOUNT_RECOVER,
    fail_closed=True,
    forms=(ResetForm,),
)
async def reset_password(ctx: RequestContext) -> ResetPage | Redirect:
    """Choose a new password, by the link that was mailed."""
    _check_passwords_are_ours(ctx)
    user = await recovery.account_of(ctx.session, ctx.args.get("key", ""), ctx.settings)
    form = ctx.bind(ResetForm)

    async def choose() -> Redirect:
        await recovery.choose_password(
            ctx.session,
            ctx.app_services.passwords,
            user,
            form.new_password.data or "",
            keep_api_key=bool(form.keep_api_key.data),
        )
        ctx.uow.after_commit(ctx.forget_credentials)
        await security_notices.tell(ctx.session, ctx.settings, user.id, "password changed")
        step = await ask_second_step(ctx, user, reads_mail=True)
        if step is None:
            ctx.sign_in(user)
        await ctx.flash(_("You reset your password successfully!"), "success")
        return step or Redirect("/", status="success", reload=True)

    async def show() -> ResetPage:
        return ResetPage(title=_("Choose a new password"), form=ctx.form_model(form))

    return await handle_form(ctx, form, act=choose, show=show)
