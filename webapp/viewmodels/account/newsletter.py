"""The newsletter."""

from dataclasses import dataclass, field
from typing import ClassVar

from webapp.viewmodels.page import NOT_JSON, Page


@dataclass(kw_only=True)
class NewsletterPage(Page):
    template: ClassVar[str] = "account/newsletter.html"
    next: str = "/"
    csrf: str = field(default="", metadata=NOT_JSON)
    is_subscribed: bool = field(default=False, metadata=NOT_JSON)
