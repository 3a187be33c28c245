"""What somebody says of themselves beyond their profile: languages, places, when they work."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from wtforms import Field, StringField, TextAreaField, ValidationError
from wtforms.form import BaseForm
from wtforms.validators import Length, Optional, Regexp
from wtforms.widgets import TextInput

from webapp.forms.base import WorkbeeForm
from webapp.i18n import lazy_gettext as _

MOST_WORDS = 50
LONGEST_WORD = 100
HOUR = (Optional(), Regexp(r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", message=_("A time as 09:30")))
zones = cache(available_timezones)


class WordsField(Field):
    """Some words: a list of JSON, repeated fields, or one line with commas."""

    widget = TextInput()
    data: list[str]

    def process_formdata(self, valuelist: list[Any]) -> None:
        words = (word.strip() for text in valuelist for word in str(text).split(","))
        self.data = list(dict.fromkeys(word for word in words if word))

    def pre_validate(self, form: BaseForm) -> None:
        """Raises ValidationError for too many, too long ones, and such as cannot be kept."""
        if len(self.data) > MOST_WORDS or any(len(word) > LONGEST_WORD or "\x00" in word for word in self.data):
            raise ValidationError(_("At most 50 words of 100 characters."))


class MetadataForm(WorkbeeForm):
    languages = WordsField(_("Languages"), default=list, description=_("Separated by commas."))
    locations = WordsField(_("Places"), default=list, description=_("Separated by commas."))
    work_hours_from = StringField(_("I work from"), HOUR, default="", render_kw={"placeholder": "09:00"})
    work_hours_to = StringField(_("Until"), HOUR, default="", render_kw={"placeholder": "17:00"})
    timezone = StringField(
        _("Time zone"), (Optional(), Length(max=100)), default="", render_kw={"placeholder": "Europe/Berlin"}
    )
    user_type = StringField(_("What I do"), (Length(max=100),), default="")
    review = TextAreaField(_("About me"), (Length(max=2000),), default="")

    def validate_timezone(self, field: StringField) -> None:
        """Raises ValidationError for a name of no time zone."""
        if field.data not in zones():
            raise ValidationError(_("There is no such time zone; one is written as Europe/Berlin."))

    def lacking_hours(self) -> list[str]:
        """Those of the three fields about hours that are empty where others are not: they mean nothing alone."""
        names = ("work_hours_from", "work_hours_to", "timezone")
        empty = [name for name in names if not self[name].data]
        return empty if len(empty) < len(names) else []
