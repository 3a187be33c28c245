"""Signing in safely: sessions, second step, passkeys."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.viewmodels.form import CsrfOnly, FormModel
from webapp.viewmodels.page import NOT_JSON, Page

NOT_STORED = {"Cache-Control": "no-store"}
"""Of pages that show what is shown once."""


@dataclass(kw_only=True)
class SecurityPage(Page):
    """Where the account is signed in, and with what."""

    template: ClassVar[str] = "account/security.html"
    name: str
    form: CsrfOnly
    passkey_form: FormModel
    sessions: list[dict[str, Any]]
    """`id`, `browser`, `system`, `created`, `last_used`, `present`; the present one first."""
    passkeys: list[dict[str, Any]]
    """`id`, `name`, `created`, `last_used`."""
    app: bool
    """Whether an authenticator app is set up."""
    mail_codes: bool
    """Whether its person has chosen codes by mail."""
    mail_required: bool
    """Whether the site mails codes to everybody."""
    can_mail: bool
    n_recovery_codes: int
    fullname: str = field(default="", metadata=NOT_JSON)


@dataclass(kw_only=True)
class OneTimeCodePage(Page):
    """The second step of signing in."""

    template: ClassVar[str] = "/account/otpvalidation.html"
    form: FormModel
    user: dict[str, Any] | None
    next: str | None
    token: str
    app: bool = False
    """Whether an authenticator app has the code; otherwise it is in the mail."""


@dataclass(kw_only=True)
class ConfirmPage(Page):
    """Once more the password, or a passkey."""

    template: ClassVar[str] = "account/confirm_identity.html"
    name: str
    form: FormModel
    next: str
    has_password: bool = True
    has_passkeys: bool = False
    fullname: str = field(default="", metadata=NOT_JSON)


@dataclass(kw_only=True)
class AuthenticatorPage(Page):
    """Setting an authenticator app up. The secret is nobody's until its first code has come back."""

    template: ClassVar[str] = "account/authenticator.html"
    name: str
    form: FormModel
    secret: str
    uri: str
    headers: dict[str, str] = field(default_factory=lambda: dict(NOT_STORED), metadata=NOT_JSON)
    qr_path: str = field(default="", metadata=NOT_JSON)
    """The dark squares, as the path of an SVG."""
    qr_size: int = field(default=0, metadata=NOT_JSON)
    """Squares along each side."""
    fullname: str = field(default="", metadata=NOT_JSON)


@dataclass(kw_only=True)
class RecoveryCodesPage(Page):
    """New recovery codes, which nobody sees again."""

    template: ClassVar[str] = "account/recovery_codes.html"
    name: str
    codes: list[str]
    headers: dict[str, str] = field(default_factory=lambda: dict(NOT_STORED), metadata=NOT_JSON)
    fullname: str = field(default="", metadata=NOT_JSON)
