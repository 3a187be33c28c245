"""An account's settings and its API key (docs/contract/pages.md 3)."""

from quart import Blueprint

from db.models import User
from db.repositories.user import UserRepository
from webapp.errors import Invalid, UnsupportedMedia
from webapp.forms.account.settings import ExternalForm, PasswordForm, PictureForm, ProfileForm
from webapp.http.forms import handle_form
from webapp.http.limits import attempts
from webapp.http.page import RequestContext, Weight, page
from webapp.i18n import gettext as _
from webapp.i18n import languages_with
from webapp.integrations import pictures
from webapp.integrations.pictures import Crop
from webapp.policies import Action, about_user, authorization_decided, require
from webapp.services.accounts import accounts, addresses, security_notices
from webapp.services.accounts.accounts import Picture
from webapp.services.site.files import FilePlace
from webapp.urls import account_url
from webapp.viewmodels.account.profile import SettingsPage
from webapp.viewmodels.page import Json, Redirect
from webapp.viewmodels.public.user import owner_full

blueprint = Blueprint("account_settings", __name__)
PROFILE_FIELDS = ("fullname", "name", "email_addr", "locale", "ckan_api", "privacy_mode", "restrict", "subscribed")


async def _managed(ctx: RequestContext, name: str, action: Action) -> User:
    """The account of this name, if the caller may do this to it."""
    user = await UserRepository(ctx.session).get_by_name(name)
    require(ctx.actor, action, about_user(user.id))
    return user


@page(
    blueprint,
    "/account/<name>/update",
    methods=("GET", "POST"),
    weight=Weight.FILE,
    action=Action.ACCOUNT_UPDATE,
    sign_in=True,
    fail_closed=True,
    forms=(ProfileForm, PictureForm, PasswordForm, ExternalForm),
)
async def update(ctx: RequestContext, name: str) -> SettingsPage | Redirect:
    """Profile, picture, password and keys of other services; `btn` says which form was sent."""
    user = await _managed(ctx, name, Action.ACCOUNT_UPDATE)
    if not ctx.posted:
        return _settings(ctx, user)
    handlers = {"profile": _profile, "upload": _picture, "password": _password, "external": _external}
    handler = handlers.get(str(ctx.body.get("btn", "")).lower())
    if handler is None:
        raise UnsupportedMedia(_("Say which form this is: btn is Profile, Upload, Password or External."))
    return await handler(ctx, user)


def _profile_form(ctx: RequestContext, user: User, *, sent: bool) -> ProfileForm:
    prefill = {"id": user.id} | {name: getattr(user, name) for name in PROFILE_FIELDS}
    form = ctx.bind(ProfileForm, prefill) if sent else ProfileForm(data=prefill)
    form.locale.choices = languages_with(form.locale.data)
    return form


def _settings(
    ctx: RequestContext,
    user: User,
    *,
    profile: ProfileForm | None = None,
    picture: PictureForm | None = None,
    password: PasswordForm | None = None,
) -> SettingsPage:
    return SettingsPage(
        title=_("Update your profile: %(name)s", name=user.fullname),
        form=ctx.form_model(profile or _profile_form(ctx, user, sent=False)),
        upload_form=ctx.form_model(picture or PictureForm(data={"id": user.id})),
        password_form=ctx.form_model(password or PasswordForm()),
        name=user.name,
        user=owner_full(user),
        own=user.id == ctx.actor.user_id,
        has_newsletter=ctx.settings.newsletter != "off",
        is_unconfirmed=ctx.settings.confirms_addresses and not user.valid_email,
        asks_more=ctx.settings.user_metadata,
    )


def _saved(ctx: RequestContext, user: User, epoch: int | None = None, *, is_proven: bool = False) -> Redirect:
    """Back to the settings, the whole page anew: name and picture stand in its header too. `epoch` is the account's
    before a change that may have ended its sessions."""
    if epoch is not None and user.session_epoch != epoch:
        ctx.credentials_ended(user, is_proven=is_proven)
    return Redirect(account_url(user.name, "update"), status="success", reload=True)


async def _profile(ctx: RequestContext, user: User) -> SettingsPage | Redirect:
    form = _profile_form(ctx, user, sent=True)
    epoch = user.session_epoch

    async def check() -> None:
        if wrong := await accounts.name_refusal(ctx.session, form.sound("name"), own=user):
            form.refuse(wrong)

    async def save() -> Redirect:
        await _prove_oneself_for_address(ctx, user, form)
        values = {name: form[name].data for name in PROFILE_FIELDS}
        asks = ctx.settings.confirms_addresses and accounts.changes_address(user, values["email_addr"])
        await accounts.update_profile(ctx.session, ctx.actor, user, values, with_address=not asks)
        await ctx.flash(_("Your profile has been updated!"), "success")
        if asks:
            await _ask_to_confirm(ctx, user, values["email_addr"])
        return _saved(ctx, user, epoch)

    async def show() -> SettingsPage:
        return _settings(ctx, user, profile=form)

    return await handle_form(ctx, form, check=check, act=save, show=show)


async def _ask_to_confirm(ctx: RequestContext, user: User, email_addr: str) -> None:
    if ctx.settings.blocks_mail_to(email_addr):
        await ctx.flash(_("Mail cannot be sent to this address: choose another."), "info")
        return
    await addresses.ask_to_change(ctx.session, ctx.actor, user, email_addr)
    told = _("An email has been sent to verify your new email: %(address)s.", address=email_addr)
    await ctx.flash(f"{told} {_('Once you verify it, it will be updated.')}", "info")


async def _prove_oneself_for_address(ctx: RequestContext, user: User, form: ProfileForm) -> None:
    """An address is where new passwords are mailed: whoever changes it shows that they are more than a browser left
    open, by the password of the account that they act with. Raises Invalid and TooManyRequests."""
    address = form.email_addr.data or ""
    if not accounts.changes_address(user, address):
        return
    wrong = Invalid("current_password", _("To change the address of an account, type your present password."))
    password = form.current_password.data
    if not password:
        raise wrong
    own_id = ctx.actor.user_id or 0
    await ctx.release_database()
    guess = await attempts.begin_guess(ctx, attempts.account_subject(own_id, ""))
    if not await accounts.knows_password(ctx.session, ctx.app_services.passwords, own_id, password):
        guess.fail()
        raise wrong
    await guess.forgive()
    # Whether somebody else has the address is told, for want of a better answer: not often.
    await attempts.count_mail(ctx, address)


async def _external(ctx: RequestContext, user: User) -> SettingsPage | Redirect:
    sent, form = ctx.bind(ExternalForm), _profile_form(ctx, user, sent=False)
    try:
        if not sent.validate():
            raise Invalid("ckan_api", str(sent.ckan_api.errors[0]))
        await accounts.update_external(ctx.session, ctx.actor, user, sent.ckan_api.data)
    except Invalid as wrong:
        form.refuse(wrong)
        await ctx.refuse()
        return _settings(ctx, user, profile=form)
    await ctx.flash(_("Your profile has been updated!"), "success")
    return _saved(ctx, user)


async def _password(ctx: RequestContext, user: User) -> SettingsPage | Redirect:
    form = ctx.bind(PasswordForm)

    async def show() -> SettingsPage:
        return _settings(ctx, user, password=form)

    return await handle_form(ctx, form, act=lambda: _change_password(ctx, user, form), show=show)


async def _change_password(ctx: RequestContext, user: User, form: PasswordForm) -> Redirect | None:
    """Where to go on; None, and told so, if the present password is wrong. Raises TooManyRequests."""
    await ctx.release_database()
    guess = await attempts.begin_guess(ctx, attempts.account_subject(user.id, ""))
    epoch = user.session_epoch
    changed = await accounts.change_password(
        ctx.session,
        ctx.app_services.passwords,
        ctx.actor,
        user,
        form.current_password.data or "",
        form.new_password.data or "",
        keep_api_key=bool(form.keep_api_key.data),
    )
    if not changed:
        guess.fail()
        await ctx.refuse(_("Your current password doesn't match the one in our records"))
        return None
    await guess.forgive()
    await security_notices.tell(ctx.session, ctx.settings, user.id, "password changed")
    await ctx.flash(_("Yay, you changed your password succesfully!"), "success")
    return _saved(ctx, user, epoch, is_proven=True)


async def _picture(ctx: RequestContext, user: User) -> SettingsPage | Redirect:
    form = ctx.bind(PictureForm)
    file = ctx.files.get("avatar")
    if file is None or not file.filename or not form.validate():
        await ctx.refuse(_("You have to provide an image file to update your avatar"))
        return _settings(ctx, user, picture=form)
    crop = Crop(*(form[edge].data or 0 for edge in ("x1", "y1", "x2", "y2")))
    try:
        picture = await pictures.prepare(file.stream, crop, pictures.AVATAR)
    except Invalid as wrong:
        form.refuse(wrong)
        await ctx.refuse(wrong.message)
        return _settings(ctx, user, picture=form)
    await _keep_picture(ctx, user, picture)
    await ctx.flash(_("Your avatar has been updated! It may take some minutes to refresh..."), "success")
    return _saved(ctx, user)


async def _keep_picture(ctx: RequestContext, user: User, picture: pictures.Prepared) -> None:
    """Store it in place of the one before."""
    files = ctx.app_services.file_store
    place = FilePlace(f"user_{user.id}", owner_id=user.id)
    stored = await files.store_picture(ctx.uow, place, "avatar", picture)
    # Without a configured address of the site, one that is true for this visitor may be none for the next.
    url = ctx.absolute(stored.url) if ctx.settings.base_url else stored.url
    await accounts.set_picture(ctx.session, ctx.actor, user, Picture(stored.container, stored.name, url))
    await files.detach(ctx.uow, ctx.actor, user)
    await files.attach(ctx.uow, stored, User, user.id)


@page(
    blueprint,
    "/account/<name>/resetapikey",
    methods=("GET", "POST"),
    action=Action.ACCOUNT_RESET_KEY,
    sign_in=True,
)
async def reset_api_key(ctx: RequestContext, name: str) -> Redirect | Json:
    """A new API key, in place of one that got about."""
    if not ctx.posted:
        authorization_decided(Action.ACCOUNT_RESET_KEY)  # the form is anybody's
        return Json({"form": ctx.csrf_form()})
    user = await _managed(ctx, name, Action.ACCOUNT_RESET_KEY)
    await accounts.reset_api_key(ctx.session, ctx.actor, user)
    ctx.uow.after_commit(ctx.forget_credentials)
    await ctx.flash(_("New API-KEY generated"), "success")
    return Redirect(account_url(user.name), status="success")
