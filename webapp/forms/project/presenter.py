"""The editor of a presenter."""

from wtforms import (
    TextAreaField,
)
from wtforms.validators import Length, Optional
from wtforms.widgets import HiddenInput

from webapp.forms.base import WholeNumberField, WorkbeeForm
from webapp.i18n import lazy_gettext as _

HIDDEN = HiddenInput()


LONGEST_PRESENTER = 10_000_000
"""Characters of a presenter, a tutorial or a page of results: there are some of 8 MB."""


class PresenterForm(WorkbeeForm):
    id = WholeNumberField(validators=(Optional(),), widget=HIDDEN)
    editor = TextAreaField(
        _("HTML, CSS and JavaScript"), (Length(max=LONGEST_PRESENTER),), render_kw={"rows": 24, "spellcheck": "false"}
    )
