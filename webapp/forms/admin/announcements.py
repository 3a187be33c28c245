"""Announcements of the site."""

from wtforms import StringField, TextAreaField, URLField
from wtforms.validators import DataRequired, Optional
from wtforms.widgets import HiddenInput

from db.models import Announcement
from webapp.forms.base import FlagField, WholeNumberField, WorkbeeForm, fits
from webapp.i18n import lazy_gettext as _


class AnnouncementForm(WorkbeeForm):
    id = WholeNumberField(validators=(Optional(),), widget=HiddenInput())
    title = StringField(
        _("Title"), (DataRequired(message=_("You must enter a title for the post.")), fits(Announcement.title))
    )
    body = TextAreaField(
        _("Text"),
        (DataRequired(message=_("You must enter some text for the post.")), fits(Announcement.body)),
        description=_("Markdown."),
        render_kw={"rows": 12},
    )
    media_url = URLField(
        _("Address of a picture"), (Optional(), fits(Announcement.media_url)), description=_("Shown above the text.")
    )
    published = FlagField(_("Publish it"), description=_("Until then only administrators see it."))
