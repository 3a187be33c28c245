"""Signing in by other services: what a new account lacks, and linking."""

from typing import ClassVar

from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import AnyOf, Length

from webapp.forms.account.identity import EMAIL, FULL_NAME, LONGEST_PASSWORD, USER_NAME, NeverEmpty
from webapp.forms.base import FlagField, WorkbeeForm
from webapp.i18n import lazy_gettext as _


class NewPersonForm(WorkbeeForm):
    """What a service does not say of somebody, or says so that they may change it."""

    fullname = StringField(_("Full name"), FULL_NAME, default="", render_kw={"autocomplete": "name"})
    name = StringField(
        _("User name"),
        USER_NAME,
        default="",
        description=_("Part of your profile's address."),
        render_kw={"autocomplete": "username"},
    )
    email_addr = EmailField(_("Email"), EMAIL, default="", render_kw={"autocomplete": "email"})
    consent = FlagField(_("You may write to me about the projects I help"))


class ProveForm(WorkbeeForm):
    """The password of the account that is to be linked."""

    secret_fields: ClassVar[frozenset[str]] = frozenset({"password"})

    password = PasswordField(
        _("Password"),
        (NeverEmpty(), Length(min=1, max=LONGEST_PASSWORD, message=_("You must provide a password"))),
        render_kw={"autocomplete": "current-password"},
    )


class LinkForm(WorkbeeForm):
    """On the page of what an account is linked to: link whom the service has just told of, or unlink."""

    secret_fields: ClassVar[frozenset[str]] = frozenset({"current_password"})

    what = StringField(validators=(AnyOf(("link", "unlink", "forget")),), default="")
    provider = StringField(validators=(Length(max=30),), default="")
    current_password = PasswordField(
        _("Current password"),
        (NeverEmpty(), Length(max=LONGEST_PASSWORD)),
        render_kw={"autocomplete": "current-password"},
    )
