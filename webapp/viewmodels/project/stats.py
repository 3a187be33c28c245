"""Statistics of a project."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.viewmodels.page import NOT_JSON
from webapp.viewmodels.project.base import TAB, ProjectPage

Points = list[tuple[str, int]]


@dataclass(kw_only=True)
class NoStatsPage(ProjectPage):
    """Before the first answer."""

    template: ClassVar[str] = "/projects/non_stats.html"
    fragments: ClassVar[dict[str, str]] = TAB
    bar_in_json: ClassVar[bool] = False


@dataclass(kw_only=True)
class StatsPage(ProjectPage):
    """Who answered when, in plots with their tables."""

    template: ClassVar[str] = "/projects/stats.html"
    fragments: ClassVar[dict[str, str]] = TAB
    bar_in_json: ClassVar[bool] = False
    shared: ClassVar[frozenset[str]] = ProjectPage.shared | {
        "userStats",
        "avg_contrib_time",
        "days",
        "hours",
        "complete",
        "days_left",
        "volunteers",
    }
    projectStats: dict[str, Any] | str = field(default_factory=dict)  # noqa: N815 - the name that clients read
    userStats: dict[str, Any] = field(default_factory=dict)  # noqa: N815
    avg_contrib_time: float = 0.0
    days: Points = field(default_factory=list, metadata=NOT_JSON)
    hours: Points = field(default_factory=list, metadata=NOT_JSON)
    complete: Points = field(default_factory=list, metadata=NOT_JSON)
    """Tasks complete at the end of each day."""
    days_left: int | None = field(default=None, metadata=NOT_JSON)
    """Until all are, at the pace of the last week."""
    volunteers: list[tuple[str, int, int]] = field(default_factory=list, metadata=NOT_JSON)
    """Day by day: those for whom it was the first day here, and those who came back."""
