"""Who runs a project, and the password for everybody else."""

from typing import ClassVar

from wtforms import (
    EmailField,
    PasswordField,
    StringField,
)
from wtforms.validators import DataRequired

from webapp.forms.base import WorkbeeForm
from webapp.i18n import lazy_gettext as _


class TransferForm(WorkbeeForm):
    email_addr = EmailField(_("E-mail address of the new owner"), (DataRequired(message=_("This field is required.")),))


class CoownerForm(WorkbeeForm):
    user = StringField(_("User name"), (DataRequired(message=_("This field is required.")),))


class ProjectPasswordForm(WorkbeeForm):
    secret_fields: ClassVar[frozenset[str]] = frozenset({"password"})
    password = PasswordField(_("Password"), (DataRequired(message=_("This field is required.")),))
