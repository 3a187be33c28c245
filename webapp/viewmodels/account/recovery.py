"""Forgotten passwords."""

from dataclasses import dataclass, field
from typing import ClassVar

from webapp.viewmodels.form import FormModel
from webapp.viewmodels.page import NOT_JSON, Page


@dataclass(kw_only=True)
class ForgotPage(Page):
    template: ClassVar[str] = "/account/password_forgot.html"
    form: FormModel
    can_mail: bool = field(default=True, metadata=NOT_JSON)
    """Whether this site sends mail at all; otherwise its people have to be asked."""
    asked: bool = field(default=False, metadata=NOT_JSON)
    """A link is on its way, if there is such an account."""


@dataclass(kw_only=True)
class ResetPage(Page):
    template: ClassVar[str] = "/account/password_reset.html"
    form: FormModel
