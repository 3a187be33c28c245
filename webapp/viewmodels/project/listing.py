"""Lists of projects."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.viewmodels.page import NOT_JSON, Page, Pagination, numbered


@dataclass(kw_only=True)
class ProjectIndexPage(Page):
    template: ClassVar[str] = "/projects/index.html"
    section: ClassVar[str] = "projects"
    shared: ClassVar[frozenset[str]] = frozenset(
        {"projects", "pagination", "active_cat", "categories", "count", "path", "query"}
    )
    projects: list[dict[str, Any]]
    pagination: Pagination
    active_cat: dict[str, Any]
    categories: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0
    path: str = field(default="", metadata=NOT_JSON)
    """Where further pages are; `{page}` stands for the number."""
    query: str = field(default="", metadata=NOT_JSON)

    def tab_title(self) -> str:
        named = [f"“{self.query}”"] if self.query else []
        named += [str(self.active_cat["name"])] if self.active_cat["short_name"] != "all" else []
        return numbered(" · ".join([*named, self.title or ""]), self.pagination)
