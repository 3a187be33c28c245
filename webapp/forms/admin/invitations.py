"""Invitations to make an account."""

from wtforms.validators import DataRequired, NumberRange

from webapp.forms.base import WholeNumberField, WorkbeeForm
from webapp.i18n import lazy_gettext as _


class InvitationForm(WorkbeeForm):
    uses = WholeNumberField(
        _("For how many people"),
        (DataRequired(message=_("This field is required.")), NumberRange(1, 10_000)),
        default=1,
    )
    days = WholeNumberField(
        _("Good for how many days"),
        (DataRequired(message=_("This field is required.")), NumberRange(1, 365)),
        default=14,
    )
