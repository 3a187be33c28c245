"""The people of the site: who is here, who does most, what happened last, what is announced."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.viewmodels.page import NOT_JSON, Page, Pagination, numbered


@dataclass(kw_only=True)
class CommunityPage(Page):
    """Those who have answered anything, the newest first; beside them the best and the latest news."""

    template: ClassVar[str] = "account/index.html"
    section: ClassVar[str] = "community"
    shared: ClassVar[frozenset[str]] = frozenset({"accounts", "total", "top_users", "pagination", "update_feed"})
    accounts: list[dict[str, Any]] = field(default_factory=list)
    total: int = 0
    top_users: list[dict[str, Any]] = field(default_factory=list)
    pagination: Pagination
    update_feed: list[dict[str, Any]] = field(default_factory=list)

    def tab_title(self) -> str:
        return numbered(self.title or "", self.pagination)


@dataclass(kw_only=True)
class LeaderboardPage(Page):
    """The first of all volunteers, and where the reader stands among them."""

    template: ClassVar[str] = "/stats/index.html"
    section: ClassVar[str] = "community"
    shared: ClassVar[frozenset[str]] = frozenset({"first", "board", "boards"})
    top_users: list[dict[str, Any]] = field(default_factory=list)
    """The first, and the reader with their neighbours behind them."""
    first: list[dict[str, Any]] = field(default_factory=list, metadata=NOT_JSON)
    around: list[dict[str, Any]] = field(default_factory=list, metadata=NOT_JSON)
    """Those of `top_users` who are not among the first."""
    boards: list[tuple[str, str]] = field(default_factory=list, metadata=NOT_JSON)
    """The boards of this site as (key, name); the first, by answers, has no key."""
    board: str = field(default="", metadata=NOT_JSON)
    own_name: str | None = field(default=None, metadata=NOT_JSON)
    """Whose row is the reader's own."""
    own_in_first: str | None = field(default=None, metadata=NOT_JSON)
    """The same, where they are among the first."""
    ranked: bool = field(default=True, metadata=NOT_JSON)
    """Whether the reader has a place on this board."""

    def tab_title(self) -> str:
        names = dict(self.boards)
        return f"{names[self.board]} · {self.title}" if self.board in names and self.board else self.title or ""


@dataclass(kw_only=True)
class AnnouncementsPage(Page):
    """News from the administrators. JSON clients know this page without a template."""

    section: ClassVar[str] = "community"
    announcements: list[dict[str, Any]] = field(default_factory=list)
    bodies: dict[int, str] = field(default_factory=dict, metadata=NOT_JSON)
    """The texts as safe HTML, by the announcement's id."""
    pagination: Pagination = field(metadata=NOT_JSON)

    def template_file(self) -> str:
        return "announcements/index.html"

    def tab_title(self) -> str:
        return numbered(self.title or "", self.pagination)
