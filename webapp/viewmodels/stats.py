"""The site in numbers."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from db.queries.site.site_stats import SiteTotals
from webapp.i18n import gettext as _
from webapp.viewmodels.page import Page

Group = dict[str, Any]


@dataclass(kw_only=True)
class GlobalStatsPage(Page):
    template: ClassVar[str] = "/stats/global.html"
    section: ClassVar[str] = "community"
    shared: ClassVar[frozenset[str]] = frozenset(
        {"stats", "users", "projects", "tasks", "top5_users_24_hours", "top5_projects_24_hours"}
    )
    stats: dict[str, int]
    users: Group = field(default_factory=dict)
    projects: Group = field(default_factory=dict)
    tasks: Group = field(default_factory=dict)
    top5_users_24_hours: list[dict[str, Any]] = field(default_factory=list)
    top5_projects_24_hours: list[dict[str, Any]] = field(default_factory=list)
    show_locs: bool = False
    locs: list[dict[str, Any]] = field(default_factory=list)


def group(label: str, *values: tuple[str, int], places: tuple[int, ...] = (0, 0)) -> Group:
    """Numbers as clients plot them: each with its place on the axis."""
    return {
        "label": label,
        "values": [
            {"label": name, "value": [place, number]} for (name, number), place in zip(values, places, strict=True)
        ],
    }


def groups(totals: SiteTotals) -> dict[str, Group]:
    """The three plots of the page."""
    return {
        "users": group(
            _("User Statistics"), (_("Anonymous"), totals.n_anonymous), (_("Authenticated"), totals.n_users)
        ),
        "projects": group(
            _("Projects Statistics"),
            (_("Published"), totals.n_published_projects),
            (_("Draft"), totals.n_draft_projects),
        ),
        "tasks": group(
            _("Task and Task Run Statistics"),
            (_("Tasks"), totals.n_tasks),
            (_("Answers"), totals.n_task_runs),
            places=(0, 1),
        ),
    }


def figures(totals: SiteTotals) -> dict[str, int]:
    """The plain numbers."""
    return {
        "n_total_users": totals.n_people,
        "n_auth": totals.n_users,
        "n_anon": totals.n_anonymous,
        "n_published_projects": totals.n_published_projects,
        "n_draft_projects": totals.n_draft_projects,
        "n_total_projects": totals.n_projects,
        "n_tasks": totals.n_tasks,
        "n_task_runs": totals.n_task_runs,
    }
