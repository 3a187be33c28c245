"""The site's mails, for administrators."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.viewmodels.admin.base import AdminPage
from webapp.viewmodels.form import CsrfOnly


@dataclass(kw_only=True)
class MailsPage(AdminPage):
    """Every kind: `name`, `purpose`, `subject` and whom it is for."""

    template: ClassVar[str] = "admin/mails.html"
    place: ClassVar[str] = "mails"
    mails: list[dict[str, Any]] = field(default_factory=list)
    sends_mail: bool = True
    sends_notices: bool = True
    has_newsletter: bool = False


@dataclass(kw_only=True)
class MailPage(AdminPage):
    """An example of one kind, as text and as HTML."""

    template: ClassVar[str] = "admin/mail.html"
    place: ClassVar[str] = "mails"
    mail: dict[str, Any]
    subject: str
    text: str
    html: str
    form: CsrfOnly
    sends_mail: bool = True
