"""Accounts, as administrators look for them."""

from wtforms import StringField
from wtforms.validators import DataRequired, Length

from webapp.forms.base import WorkbeeForm
from webapp.i18n import lazy_gettext as _


class UserSearchForm(WorkbeeForm):
    user = StringField(
        _("Name or e-mail address"),
        (DataRequired(message=_("This field is required.")), Length(max=254)),
        default="",
        description=_("Any part of a name, or a whole address."),
    )
