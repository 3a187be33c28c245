"""The password of a protected project (docs/contract/pages.md 1.7)."""

from quart import Blueprint

from webapp.forms.project.owners import ProjectPasswordForm
from webapp.http.forms import handle_form
from webapp.http.limits import attempts
from webapp.http.page import RequestContext, page
from webapp.http.security.admission import remember_password
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.viewmodels.page import Redirect
from webapp.viewmodels.project.owners import PasswordPage
from webapp.views.project.context import find_context

blueprint = Blueprint("project_password", __name__)


CROWD_FACTOR = 10
"""Many volunteers come at the same time, and mistype."""


@page(
    blueprint,
    "/project/<short_name>/password",
    methods=("GET", "POST"),
    action=Action.SITE_VIEW,
    html_only=True,
    fail_closed=True,
    forms=(ProjectPasswordForm,),
)
async def password(ctx: RequestContext, short_name: str) -> PasswordPage | Redirect:
    """The password of a protected project; right ones are remembered for half an hour."""
    context = await find_context(ctx, short_name)
    form = ctx.bind(ProjectPasswordForm)
    target = ctx.local_next(context.url())

    async def enter() -> Redirect | None:
        await ctx.release_database()
        guess = await attempts.begin_guess(ctx, f"project:{context.project.id}", crowd_factor=CROWD_FACTOR)
        stored = context.project.info.get("passwd_hash")
        if stored and (await ctx.app_services.passwords.verify(stored, form.password.data or "")).right:
            await guess.forgive()
            remember_password(ctx, context.project)
            return Redirect(target, always_302=True)
        guess.fail()
        await ctx.refuse(_("Sorry, incorrect password"))
        return None

    async def show() -> PasswordPage:
        return PasswordPage(
            title=_("Password"),
            form=ctx.form_model(form),
            next=target,
            # To whoever has not given the password the project is what stands in its address, and no more.
            name=context.project.name if context.may(Action.PROJECT_VIEW) else short_name,
            short_name=short_name,
        )

    return await handle_form(ctx, form, act=enter, show=show)
