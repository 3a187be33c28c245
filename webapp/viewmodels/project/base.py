"""What every page of a project shows: the project, its owner, how far it is, and what the viewer may do here."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from webapp.viewmodels.page import NOT_JSON, Page

TAB = {"project-tab": "tab"}
"""The tabs of a project swap this part alone."""


@dataclass(frozen=True, slots=True)
class ProjectNav:
    """What the templates around a project's pages need beside the JSON: links, flags, the category."""

    short_name: str
    name: str
    active: str = ""
    can_edit: bool = False
    can_publish: bool = False
    can_delete: bool = False
    in_charge: bool = False
    """Whether the viewer decides about the project as a whole: its co-owners, its owner, its key."""
    leaves_as: str = ""
    """The viewer's name, if they are a co-owner and may leave."""
    can_see_changes: bool = False
    """Whether the log of changes is open to the viewer, and below the calls of the webhook."""
    can_see_calls: bool = False
    can_autoimport: bool = False
    can_contribute: bool = False
    can_browse: bool = False
    published: bool = False
    paused: bool = False
    can_unpublish: bool = False
    protected: bool = False
    has_tutorial: bool = False
    has_results: bool = False
    category: str = ""
    category_short_name: str = ""
    n_blogposts: int = 0
    contrib_button: str = ""


@dataclass(kw_only=True)
class ProjectPage(Page):
    """The base of a project's pages (docs/contract/pages.md 1.6). Pages whose JSON has no BAR leave it out by
    `bar_in_json`."""

    section: ClassVar[str] = "projects"
    bar_in_json: ClassVar[bool] = True
    owner_in_json: ClassVar[bool] = True
    offers_button: ClassVar[bool] = True
    """Whether it shows what there is to do for the viewer, which costs a look at their tasks."""
    tab: ClassVar[str] = ""
    """What the page is within the project, where `title`, which JSON clients know, does not tell it from others."""
    shared: ClassVar[frozenset[str]] = frozenset(
        {"project", "owner", "last_activity"}
        | {"n_tasks", "n_task_runs", "n_completed_tasks", "n_volunteers", "overall_progress"}
    )

    project: dict[str, Any]
    owner: dict[str, Any] | None
    pro_features: dict[str, bool] = field(default_factory=dict)
    n_tasks: int = 0
    n_task_runs: int = 0
    n_completed_tasks: int = 0
    n_volunteers: int = 0
    overall_progress: int = 0
    last_activity: datetime | None = None
    nav: ProjectNav = field(metadata=NOT_JSON)

    def place(self) -> str:
        """What the page is within the project."""
        return str(self.tab)

    def tab_title(self) -> str:
        own, project = self.place() or self.plain_title() or "", self.nav.name
        return own if project in own else f"{own} · {project}"

    def to_json(self) -> dict[str, Any]:
        body = super().to_json()
        if not self.bar_in_json:
            for name in ("n_task_runs", "last_activity"):
                body.pop(name, None)
        return body
