"""The home page, and the pages that say what the site is."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.viewmodels.page import NOT_JSON, Page


@dataclass(kw_only=True)
class HomePage(Page):
    """What the eye meets first: purpose, projects that need hands, the site in numbers, who helps most."""

    template: ClassVar[str] = "/home/index.html"
    section: ClassVar[str] = "home"
    shared: ClassVar[frozenset[str]] = frozenset(
        {"featured", "top_projects", "top_users", "figures", "done", "wanted", "week"}
    )

    featured: list[dict[str, Any]] = field(default_factory=list)
    top_projects: list[dict[str, Any]] = field(default_factory=list)
    top_users: list[dict[str, Any]] = field(default_factory=list)
    # Filled for JSON alone: the page does not show them.
    categories: list[dict[str, Any]] = field(default_factory=list)
    categories_projects: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    historical_contributions: list[dict[str, Any]] | None = None
    figures: dict[str, int] = field(default_factory=dict, metadata=NOT_JSON)
    """Site-wide counts: answers, volunteers, projects."""
    done: int = field(default=0, metadata=NOT_JSON)
    """Counted answers of the whole site,"""
    wanted: int = field(default=0, metadata=NOT_JSON)
    """and how many are wanted in all."""
    week: list[tuple[str, int]] = field(default_factory=list, metadata=NOT_JSON)
    """The answers of each of the last seven days, today last."""

    def to_json(self) -> dict[str, Any]:
        body = super().to_json()
        if self.historical_contributions is None:
            del body["historical_contributions"]
        return body
