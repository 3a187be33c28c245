"""The end of every way to sign in: a second step where one is asked for, and then in."""

from db.models import User
from webapp.http.limits import attempts
from webapp.http.page import RequestContext
from webapp.i18n import format_day
from webapp.i18n import gettext as _
from webapp.services.accounts import second_step
from webapp.services.accounts.suspension import is_suspended
from webapp.urls import with_next
from webapp.viewmodels.page import Redirect


async def complete_sign_in(
    ctx: RequestContext, user: User, *, both_steps: bool = False, target: str | None = None
) -> Redirect | None:
    """Where to go now that somebody has shown who they are, by a password or (`both_steps`) by more; in the end to
    `target`, by default the query's `next`.

    None, and told why, where nobody is let in with the account.
    """
    if is_suspended(user):
        until = format_day(user.suspended_until) if user.suspended_until is not None else ""
        told = _("This account is suspended until %(day)s: %(reason)s", day=until, reason=user.suspended_reason or "")
        await ctx.refuse(told)
        return None
    if not both_steps and (step := await ask_second_step(ctx, user)) is not None:
        return step
    ctx.sign_in(user)
    await ctx.flash(_("Welcome back %(name)s", name=user.fullname), "success")
    target = target or ctx.local_next()
    if ctx.settings.newsletter != "off" and not user.newsletter_prompted:
        target = with_next("/account/newsletter", target)
    return Redirect(target, status="success", reload=True)


async def ask_second_step(ctx: RequestContext, user: User, *, reads_mail: bool = False) -> Redirect | None:
    """The way to the second step; None where the account needs none. `reads_mail`: they have shown that they read the
    account's mail, so that a code there would show nothing new."""
    ways = await second_step.methods_of(ctx.session, ctx.settings, user)
    if not (ways.app or (ways.mail and not reads_mail)):
        return None
    if ways.mail:
        await attempts.count_mail(ctx, user.email_addr)
    services = ctx.app_services
    token = await second_step.begin(ctx.session, services.short_lived, user, ways)
    return Redirect(with_next(f"/account/{token}/otpvalidation", ctx.local_next()), reload=True)
