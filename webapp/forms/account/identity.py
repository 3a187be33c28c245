"""Register and sign in."""

from typing import ClassVar

from wtforms import EmailField, Field, PasswordField, StringField, ValidationError
from wtforms.validators import DataRequired, Email, EqualTo, Length, Regexp

from webapp.forms.base import FlagField, WorkbeeForm
from webapp.i18n import lazy_gettext as _

NAME = r"^(?!\.)[^$#&\\/|?%<>\"'`;\s\x00-\x1f\x7f]*\Z"
"""A name stands in addresses: none of these characters, and no dot at its start."""
LEAST_PASSWORD = 8
LONGEST_PASSWORD = 1000


def check_email_length(_form: WorkbeeForm, field: StringField) -> None:
    if not 3 <= len(field.data or "") <= 254:
        raise ValidationError(_("Email must be between 3 and 254 characters long"))


class NeverEmpty:
    """Marks a field as one that has to be filled in, where another validator says what it has to be."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __call__(self, form: WorkbeeForm, field: Field) -> None:
        """Nothing more to check."""


FULL_NAME = (
    NeverEmpty(),
    Length(min=3, max=35, message=_("Full name must be between 3 and 35 characters long")),
)
USER_NAME = (
    NeverEmpty(),
    Length(min=3, max=35, message=_("User name must be between 3 and 35 characters long")),
    Regexp(NAME, message=_("User name has characters that an address cannot have, such as a space or $ # & \\ / | ?")),
)
EMAIL = (NeverEmpty(), check_email_length, Email(message=_("Invalid email address.")))
NEW_PASSWORD = (
    DataRequired(message=_("Password cannot be empty")),
    Length(min=LEAST_PASSWORD, max=LONGEST_PASSWORD, message=_("Password must have at least 8 characters")),
    EqualTo("confirm", message=_("Passwords must match")),
)


def keep_api_key() -> FlagField:
    """A new password ends the API key, too, unless this is ticked; whoever does not send it wants the safer."""
    return FlagField(
        _("Keep my API key"),
        description=_("Otherwise scripts need the new one, on your profile. Keep it if nobody else may know it."),
    )


class RegisterForm(WorkbeeForm):
    secret_fields: ClassVar[frozenset[str]] = frozenset({"password", "confirm"})

    fullname = StringField(_("Full name"), FULL_NAME, default="", render_kw={"autocomplete": "name"})
    name = StringField(
        _("User name"),
        USER_NAME,
        default="",
        description=_("Part of your profile's address."),
        render_kw={"autocomplete": "username"},
    )
    email_addr = EmailField(_("Email"), EMAIL, default="", render_kw={"autocomplete": "email"})
    password = PasswordField(
        _("Password"),
        NEW_PASSWORD,
        description=_("At least 8 characters."),
        render_kw={"autocomplete": "new-password"},
    )
    confirm = PasswordField(_("Repeat the password"), (NeverEmpty(),), render_kw={"autocomplete": "new-password"})
    consent = FlagField(_("You may write to me about the projects I help"))


class DirectorySignInForm(WorkbeeForm):
    """Signing in by a directory, by what one is called there; old clients send it as `email` too."""

    secret_fields: ClassVar[frozenset[str]] = frozenset({"password"})

    email = StringField(
        _("User name"),
        (DataRequired(message=_("You must provide a user name")),),
        default="",
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        _("Password"),
        (DataRequired(message=_("You must provide a password")),),
        render_kw={"autocomplete": "current-password"},
    )


class SignInForm(WorkbeeForm):
    secret_fields: ClassVar[frozenset[str]] = frozenset({"password"})

    email = EmailField(
        _("Email"),
        (DataRequired(message=_("You must provide an email")),),
        default="",
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        _("Password"),
        (DataRequired(message=_("You must provide a password")),),
        render_kw={"autocomplete": "current-password"},
    )
