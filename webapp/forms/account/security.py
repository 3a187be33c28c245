"""What somebody signs in with beside a password."""

from typing import ClassVar

from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import HiddenInput

from webapp.forms.account.identity import LONGEST_PASSWORD
from webapp.forms.base import FlagField, WorkbeeForm
from webapp.i18n import lazy_gettext as _

LONGEST_CODE = 40
LONGEST_CREDENTIAL = 16_000
CODE = (DataRequired(message=_("Type the code")), Length(max=LONGEST_CODE))
ONE_TIME = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}


class CodeForm(WorkbeeForm):
    """The second step of signing in: any kind of code."""

    secret_fields: ClassVar[frozenset[str]] = frozenset({"otp"})

    otp = StringField(_("Code"), CODE, default="", render_kw=ONE_TIME | {"autofocus": ""})


class AuthenticatorForm(WorkbeeForm):
    """The first code of an app that is being set up, with what it was set up by."""

    secret_fields: ClassVar[frozenset[str]] = frozenset({"otp"})

    setup = StringField(validators=(DataRequired(), Length(max=1000)), widget=HiddenInput())
    otp = StringField(_("Code that the app shows"), CODE, default="", render_kw=ONE_TIME | {"inputmode": "numeric"})


class ConfirmForm(WorkbeeForm):
    """Once more the password."""

    secret_fields: ClassVar[frozenset[str]] = frozenset({"password"})

    password = PasswordField(
        _("Password"),
        (DataRequired(message=_("You must provide a password")), Length(max=LONGEST_PASSWORD)),
        render_kw={"autocomplete": "current-password"},
    )


class PasskeyForm(WorkbeeForm):
    """What a browser says for a passkey that it has used."""

    credential = StringField(validators=(DataRequired(), Length(max=LONGEST_CREDENTIAL)), widget=HiddenInput())


class NewPasskeyForm(WorkbeeForm):
    """A passkey that a browser has made."""

    name = StringField(
        _("Name"),
        (DataRequired(message=_("Give it a name")), Length(max=100)),
        default="",
        description=_("So that you know it again: my phone, the key at work."),
        render_kw={"autocomplete": "off"},
    )
    credential = StringField(
        validators=(DataRequired(message=_("Your browser has made no passkey")), Length(max=LONGEST_CREDENTIAL)),
        widget=HiddenInput(),
    )


class MailCodesForm(WorkbeeForm):
    """Whether codes are mailed."""

    enabled = FlagField(_("Mail me a code"))


class EndSessionsForm(WorkbeeForm):
    """Sign out everywhere, or everywhere else."""

    others = FlagField(_("Stay signed in here"))
