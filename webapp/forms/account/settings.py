"""An account's settings: profile, picture, password, keys of other services."""

from typing import ClassVar

from wtforms import EmailField, FileField, PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional
from wtforms.widgets import HiddenInput

from webapp.forms.account.identity import (
    EMAIL,
    FULL_NAME,
    LONGEST_PASSWORD,
    NEW_PASSWORD,
    USER_NAME,
    NeverEmpty,
    keep_api_key,
)
from webapp.forms.base import FlagField, WholeNumberField, WorkbeeForm
from webapp.i18n import lazy_gettext as _

HIDDEN = HiddenInput()


class ExternalForm(WorkbeeForm):
    """Keys of other services."""

    ckan_api = StringField(_("CKAN API key"), (Length(max=254),))


class ProfileForm(WorkbeeForm):
    secret_fields: ClassVar[frozenset[str]] = frozenset({"current_password"})

    id = WholeNumberField(validators=(Optional(),), widget=HIDDEN)
    """Sent by old clients; the account of the address counts."""
    fullname = StringField(_("Full name"), FULL_NAME, render_kw={"autocomplete": "name"})
    name = StringField(_("User name"), USER_NAME, render_kw={"autocomplete": "username"})
    email_addr = EmailField(_("Email"), EMAIL, render_kw={"autocomplete": "email"})
    current_password = PasswordField(
        _("Current password"),
        (Optional(), Length(max=LONGEST_PASSWORD)),
        description=_("Only to change the email address."),
        render_kw={"autocomplete": "current-password"},
    )
    locale = SelectField(_("Language"), (NeverEmpty(),))
    ckan_api = StringField(_("CKAN API key"), (Length(max=254),))
    privacy_mode = FlagField(_("Leave my full name and joining date out of what the API tells others"))
    restrict = FlagField(_("Hide my account everywhere: lists, rankings, profile"))
    subscribed = FlagField(_("Write to me about the projects I help"))


class PasswordForm(WorkbeeForm):
    secret_fields: ClassVar[frozenset[str]] = frozenset({"current_password", "new_password", "confirm"})

    current_password = PasswordField(
        _("Current password"), (NeverEmpty(),), render_kw={"autocomplete": "current-password"}
    )
    new_password = PasswordField(_("New password"), NEW_PASSWORD, render_kw={"autocomplete": "new-password"})
    confirm = PasswordField(_("Repeat the new password"), (NeverEmpty(),), render_kw={"autocomplete": "new-password"})
    keep_api_key = keep_api_key()


class PictureForm(WorkbeeForm):
    """A picture and the part of it to keep: left, upper, right, lower edge in its own pixels; all 0 keep it whole."""

    id = WholeNumberField(validators=(Optional(),), widget=HIDDEN)
    avatar = FileField(_("Picture"), (DataRequired(message=_("You have to provide a file")),))
    x1 = WholeNumberField(default=0, validators=(Optional(),), widget=HIDDEN)
    y1 = WholeNumberField(default=0, validators=(Optional(),), widget=HIDDEN)
    x2 = WholeNumberField(default=0, validators=(Optional(),), widget=HIDDEN)
    y2 = WholeNumberField(default=0, validators=(Optional(),), widget=HIDDEN)
