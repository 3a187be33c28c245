"""Help, and the site's own terms."""

from dataclasses import dataclass, field
from typing import ClassVar

from webapp.viewmodels.page import NOT_JSON, Page


@dataclass(kw_only=True)
class HelpPage(Page):
    """Where to find what."""

    template: ClassVar[str] = "help/index.html"
    section: ClassVar[str] = "help"


@dataclass(kw_only=True)
class ApiHelpPage(Page):
    """How scripts talk to this site, with examples on a project of this very site."""

    template: ClassVar[str] = "help/api.html"
    section: ClassVar[str] = "help"
    project_id: int | None = None
    short_name: str | None = field(default=None, metadata=NOT_JSON)
    site: str = field(default="", metadata=NOT_JSON)
    """The address under which the reader knows this site."""
    rate_limit: int = field(default=0, metadata=NOT_JSON)
    rate_window_minutes: int = field(default=0, metadata=NOT_JSON)


@dataclass(kw_only=True)
class LicensePage(Page):
    template: ClassVar[str] = "help/license.html"
    section: ClassVar[str] = "help"


@dataclass(kw_only=True)
class PrivacyPage(Page):
    """`content` is HTML."""

    template: ClassVar[str] = "help/privacy.html"
    section: ClassVar[str] = "help"
    content: str = ""


@dataclass(kw_only=True)
class TermsPage(Page):
    """`content` is HTML."""

    template: ClassVar[str] = "help/tos.html"
    section: ClassVar[str] = "help"
    content: str = ""


@dataclass(kw_only=True)
class CookiesPage(Page):
    """`content` is HTML."""

    template: ClassVar[str] = "help/cookies_policy.html"
    section: ClassVar[str] = "help"
    content: str = ""
