"""Leaving the site."""

from dataclasses import dataclass
from typing import ClassVar

from webapp.viewmodels.form import CsrfOnly
from webapp.viewmodels.page import Page


@dataclass(kw_only=True)
class LeavePage(Page):
    """What keeps the account, if anything does, and otherwise what is lost."""

    template: ClassVar[str] = "account/delete.html"
    form: CsrfOnly
    name: str
    n_projects: int = 0
    n_announcements: int = 0
    free: bool = True
