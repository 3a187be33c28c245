"""What somebody says of themselves beyond their profile (docs/contract/pages.md 3, `save_metadata`)."""

from quart import Blueprint

from db.repositories.user import UserRepository
from webapp.errors import Invalid, NotFound
from webapp.forms.account.metadata import MetadataForm
from webapp.http.forms import handle_form
from webapp.http.page import RequestContext, page
from webapp.i18n import gettext as _
from webapp.policies import Action, about_user, require
from webapp.services.accounts import metadata
from webapp.urls import account_url
from webapp.viewmodels.account.profile import MetadataPage
from webapp.viewmodels.page import Redirect

blueprint = Blueprint("account_metadata", __name__)


@page(
    blueprint,
    "/account/save_metadata/<name>",
    methods=("GET", "POST"),
    action=Action.ACCOUNT_UPDATE,
    sign_in=True,
    forms=(MetadataForm,),
)
async def save_metadata(ctx: RequestContext, name: str) -> MetadataPage | Redirect:
    """Languages, places, hours: one's own, or anybody's for administrators."""
    user = await UserRepository(ctx.session).get_by_name(name)
    require(ctx.actor, Action.ACCOUNT_UPDATE, about_user(user.id))
    if not ctx.settings.user_metadata:
        raise NotFound(_("This site asks for nothing more."))
    form = ctx.bind(MetadataForm, metadata.told(user))

    async def check() -> None:
        for lacking in form.lacking_hours():
            form.refuse(Invalid(lacking, _("Say from when, until when, and in which time zone, or none of them.")))

    async def save() -> Redirect:
        values = {field.name: field.data for field in form}
        await metadata.save(ctx.session, ctx.actor, user, values)
        await ctx.flash(_("Your profile has been updated!"), "success")
        return Redirect(account_url(user.name), status="success")

    async def show() -> MetadataPage:
        return MetadataPage(
            title=_("More about you"), name=user.name, fullname=user.fullname, form=ctx.form_model(form)
        )

    return await handle_form(ctx, form, check=check, act=save, show=show)
