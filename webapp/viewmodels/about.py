"""What the site is, what came of it, and what is found in it."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.viewmodels.page import NOT_JSON, Page, Pagination, numbered


@dataclass(kw_only=True)
class AboutPage(Page):
    template: ClassVar[str] = "/home/about.html"
    stats: dict[str, int] = field(default_factory=dict, metadata=NOT_JSON)


@dataclass(kw_only=True)
class ResultsPage(Page):
    """Projects that have come to results, those with most first."""

    template: ClassVar[str] = "/home/_results.html"
    section: ClassVar[str] = "projects"
    projects: list[dict[str, Any]] = field(default_factory=list)


@dataclass(kw_only=True)
class SearchPage(Page):
    """Public projects that have the words in a name or description."""

    template: ClassVar[str] = "/home/search.html"
    section: ClassVar[str] = "projects"
    query: str = ""
    projects: list[dict[str, Any]] = field(default_factory=list)
    pagination: Pagination

    def tab_title(self) -> str:
        named = f"“{self.query}” · {self.title}" if self.query else self.title or ""
        return numbered(named, self.pagination)
