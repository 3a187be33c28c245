"""Posts of a project's blog."""

from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired

from db.models import Blogpost
from webapp.forms.base import FlagField, WorkbeeForm, fits
from webapp.i18n import lazy_gettext as _


class BlogpostForm(WorkbeeForm):
    title = StringField(
        _("Title"),
        (DataRequired(message=_("You must enter a title for the post.")), fits(Blogpost.title)),
        default="",
    )
    body = TextAreaField(
        _("Text"),
        (DataRequired(message=_("You must enter some text for the post.")), fits(Blogpost.body)),
        default="",
        description=_("Markdown."),
        render_kw={"rows": 12},
    )
    published = FlagField(_("Publish it"), description=_("Until then only the project's owners see it."))
