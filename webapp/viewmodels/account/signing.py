"""Joining and signing in."""

from dataclasses import dataclass, field
from typing import ClassVar

from webapp.viewmodels.account.providers import ProviderLink
from webapp.viewmodels.form import CsrfOnly, FormModel
from webapp.viewmodels.page import NOT_JSON, Page

NO_PROVIDERS = {"twitter": False, "facebook": False, "google": False}
"""Sign-in through others, as older servers told of it."""


@dataclass(kw_only=True)
class RegisterPage(Page):
    template: ClassVar[str] = "account/register.html"
    form: FormModel
    is_open: bool = field(default=True, metadata=NOT_JSON)
    """Whether whoever comes without an invitation, or with this one, may make an account."""
    providers: list[ProviderLink] = field(default_factory=list, metadata=NOT_JSON)


@dataclass(kw_only=True)
class ValidationPage(Page):
    """A letter is on its way to the address of whoever wants to join, whether or not it has an account already."""

    template: ClassVar[str] = "account/account_validation.html"
    status: str = "sent"


@dataclass(kw_only=True)
class ConfirmationPage(Page):
    """What the link in that letter leads to."""

    template: ClassVar[str] = "account/confirmation.html"
    form: CsrfOnly
    email_addr: str = field(default="", metadata=NOT_JSON)
    """The address that an account is to have; "" where the account is to be made."""


@dataclass(kw_only=True)
class SignInPage(Page):
    template: ClassVar[str] = "account/signin.html"
    form: FormModel
    next: str | None = None
    auth: dict[str, bool] = field(default_factory=lambda: dict(NO_PROVIDERS))
    """By which services one may sign in, besides the three of old those that there are."""
    can_join: bool = field(default=True, metadata=NOT_JSON)
    """Whether accounts are made here, and not by a directory."""
    providers: list[ProviderLink] = field(default_factory=list, metadata=NOT_JSON)
