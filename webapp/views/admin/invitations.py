"""Invitations to make an account."""

from quart import Blueprint

from db.queries.accounts import invitations as queries
from webapp.forms.admin.invitations import InvitationForm
from webapp.http.forms import handle_form
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action
from webapp.services.accounts import invitations
from webapp.viewmodels.admin.pages import InvitationsPage
from webapp.viewmodels.page import Redirect

blueprint = Blueprint("admin_invitations", __name__)
LIST = "/admin/invitations"
SHOWN = 100


@page(blueprint, LIST, methods=("GET", "POST"), action=Action.USER_INVITE, sign_in=True, forms=(InvitationForm,))
async def invitations_page(ctx: RequestContext) -> InvitationsPage | Redirect:
    """Those that are still good; a POST makes one."""
    form = ctx.bind(InvitationForm)

    async def show() -> InvitationsPage:
        return InvitationsPage(
            title=_("Invitations"),
            form=ctx.form_model(form),
            invitations=[
                {
                    "id": one.id,
                    "created": one.created,
                    "expires": one.expires,
                    "n_left": one.n_left,
                    "url": ctx.absolute(f"/account/register?invitation={one.code}"),
                }
                for one in await queries.pending(ctx.session, limit=SHOWN)
            ],
            is_needed=ctx.settings.registration == "invitation" or bool(ctx.settings.registration_domains),
        )

    async def invite() -> Redirect:
        await invitations.invite(ctx.session, ctx.actor, days=form.days.data or 1, uses=form.uses.data or 1)
        await ctx.flash(_("The invitation is made: pass its address on."), "success")
        return Redirect(LIST, status="success")

    return await handle_form(ctx, form, act=invite, show=show)


@page(
    blueprint,
    "/admin/invitations/<int:invitation_id>/delete",
    methods=("POST",),
    action=Action.USER_INVITE,
    sign_in=True,
)
async def withdraw(ctx: RequestContext, invitation_id: int) -> Redirect:
    """It is good no more."""
    await invitations.withdraw(ctx.session, ctx.actor, invitation_id)
    await ctx.flash(_("The invitation is withdrawn"), "success")
    return Redirect(LIST, status="success")
