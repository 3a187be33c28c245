"""What administrators say of projects and accounts."""

from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from db.models import User
from webapp.forms.base import WholeNumberField, WorkbeeForm, fits
from webapp.i18n import lazy_gettext as _

LONGEST_WORD = 5000


class WordForm(WorkbeeForm):
    word = TextAreaField(
        _("What should be changed"), (Optional(), Length(max=LONGEST_WORD)), default="", render_kw={"rows": 3}
    )


class SuspendForm(WorkbeeForm):
    reason = TextAreaField(
        _("Why"),
        (DataRequired(message=_("This field is required.")), fits(User.suspended_reason)),
        default="",
        description=_("They read it when they sign in."),
        render_kw={"rows": 3},
    )
    days = WholeNumberField(
        _("For how many days"),
        (DataRequired(message=_("This field is required.")), NumberRange(1, 36_500)),
        default=7,
    )
