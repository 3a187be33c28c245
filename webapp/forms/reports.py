"""Reports of visitors."""

from wtforms import SelectField, TextAreaField
from wtforms.validators import DataRequired, Length

from webapp.forms.base import WorkbeeForm
from webapp.i18n import lazy_gettext as _

REASONS = (
    ("spam", _("It is advertising")),
    ("offensive", _("It is offensive, or harms somebody")),
    ("private", _("It shows what is private")),
    ("misleading", _("It is not what it says it is")),
    ("other", _("Something else")),
)


class ReportForm(WorkbeeForm):
    reason = SelectField(_("What is wrong"), default="spam")
    text = TextAreaField(
        _("In your words"),
        (DataRequired(message=_("This field is required.")), Length(max=5000)),
        default="",
        description=_("Where it is, and what you saw."),
        render_kw={"rows": 5},
    )
