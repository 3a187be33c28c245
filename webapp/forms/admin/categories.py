"""Categories of projects."""

from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Optional
from wtforms.widgets import HiddenInput

from db.models import Category
from webapp.forms.base import WholeNumberField, WorkbeeForm, fits
from webapp.i18n import lazy_gettext as _


class CategoryForm(WorkbeeForm):
    id = WholeNumberField(validators=(Optional(),), widget=HiddenInput())
    name = StringField(
        _("Name"), (DataRequired(message=_("This field is required.")), fits(Category.name), fits(Category.short_name))
    )
    description = TextAreaField(
        _("Description"),
        (DataRequired(message=_("This field is required.")), fits(Category.description)),
        render_kw={"rows": 3},
    )
