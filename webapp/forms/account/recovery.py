"""Asking for a new password, and choosing it."""

from typing import ClassVar

from wtforms import EmailField, PasswordField

from webapp.forms.account.identity import EMAIL, NEW_PASSWORD, NeverEmpty, keep_api_key
from webapp.forms.base import WorkbeeForm
from webapp.i18n import lazy_gettext as _


class ForgotForm(WorkbeeForm):
    email_addr = EmailField(_("Email"), EMAIL, default="", render_kw={"autocomplete": "email"})


class ResetForm(WorkbeeForm):
    """The fields of the settings' password form; the present password is not asked for, it is what was forgotten."""

    secret_fields: ClassVar[frozenset[str]] = frozenset({"current_password", "new_password", "confirm"})

    current_password = PasswordField(_("Current password"), render_kw={"autocomplete": "current-password"})
    new_password = PasswordField(
        _("New password"),
        NEW_PASSWORD,
        description=_("At least 8 characters."),
        render_kw={"autocomplete": "new-password"},
    )
    confirm = PasswordField(_("Repeat the new password"), (NeverEmpty(),), render_kw={"autocomplete": "new-password"})
    keep_api_key = keep_api_key()
