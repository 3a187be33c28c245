"""Creating and changing a project."""

from typing import ClassVar

from wtforms import (
    Field,
    FileField,
    PasswordField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Optional, Regexp, StopValidation
from wtforms.widgets import HiddenInput

from db.models import Project
from webapp.forms.base import FlagField, WholeNumberField, WorkbeeForm, fits
from webapp.i18n import lazy_gettext as _

SHORT_NAME = (
    DataRequired(message=_("This field is required.")),
    fits(Project.short_name),
    Regexp(
        r"^(?!\.{1,2}$)[^$#&\\/|?%\s\x00-\x1f]*$",
        message=_("It is part of an address: no $ # & \\ / | ? % and no spaces"),
    ),
)


class Unchanged:
    """What a project has already it may keep, whatever names the API took."""

    def __call__(self, form: WorkbeeForm, field: Field) -> None:
        if field.data and field.data == field.object_data:
            raise StopValidation


NAME = (DataRequired(message=_("This field is required.")), fits(Project.name))


HIDDEN = HiddenInput()


class NewProjectForm(WorkbeeForm):
    name = StringField(
        _("Name"), NAME, default="", description=_("What volunteers read first: short, and saying what it is about.")
    )
    short_name = StringField(
        _("Short name"), SHORT_NAME, default="", description=_("The end of its address, for example birds-at-dawn.")
    )
    description = StringField(
        _("In one sentence"),
        (fits(Project.description),),
        description=_("Shown on cards. Taken from the text below if left empty."),
    )
    long_description = TextAreaField(
        _("Why it matters, and what to do"),
        (DataRequired(message=_("This field is required.")), fits(Project.long_description)),
        description=_("Markdown."),
        render_kw={"rows": 8},
    )


class ProjectForm(WorkbeeForm):
    secret_fields: ClassVar[frozenset[str]] = frozenset({"password"})

    id = WholeNumberField(validators=(Optional(),), widget=HIDDEN)
    name = StringField(_("Name"), NAME)
    short_name = StringField(_("Short name"), (Unchanged(), *SHORT_NAME), description=_("Its address changes with it."))
    description = StringField(
        _("In one sentence"), (DataRequired(message=_("This field is required.")), fits(Project.description))
    )
    long_description = TextAreaField(
        _("Why it matters, and what to do"),
        (fits(Project.long_description),),
        description=_("Markdown."),
        render_kw={"rows": 12},
    )
    category_id = SelectField(_("Category"), (InputRequired(message=_("This field is required.")),), coerce=int)
    allow_anonymous_contributors = FlagField(_("Volunteers may answer without an account"))
    zip_download = FlagField(_("Everybody may browse the tasks and download the data"))
    protect = FlagField(_("Ask for a password"))
    password = PasswordField(
        _("Password"),
        description=_("Leave empty to keep the present one."),
        render_kw={"autocomplete": "new-password"},
    )
    webhook = StringField(
        _("Webhook"),
        (fits(Project.webhook),),
        description=_("An address that is told when a task is complete."),
        render_kw={"inputmode": "url"},
    )


class ThumbnailForm(WorkbeeForm):
    id = WholeNumberField(validators=(Optional(),), widget=HIDDEN)
    avatar = FileField(_("Picture"), (DataRequired(message=_("You have to provide a file")),))
    x1 = WholeNumberField(default=0, validators=(Optional(),), widget=HIDDEN)
    y1 = WholeNumberField(default=0, validators=(Optional(),), widget=HIDDEN)
    x2 = WholeNumberField(default=0, validators=(Optional(),), widget=HIDDEN)
    y2 = WholeNumberField(default=0, validators=(Optional(),), widget=HIDDEN)
