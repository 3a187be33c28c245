"""The way out of mails."""

from dataclasses import dataclass
from typing import ClassVar

from webapp.viewmodels.page import Page


@dataclass(kw_only=True)
class UnsubscribePage(Page):
    template: ClassVar[str] = "account/unsubscribe.html"
    done: bool = False
    """Whether the account gets no such mails any more."""
