"""A project's tasks: browsing them, and how they are handed out."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.i18n import lazy_gettext as _
from webapp.viewmodels.form import FormModel
from webapp.viewmodels.page import NOT_JSON, Pagination, numbered
from webapp.viewmodels.project.base import TAB, ProjectPage


@dataclass(kw_only=True)
class TasksPage(ProjectPage):
    template: ClassVar[str] = "/projects/tasks.html"
    fragments: ClassVar[dict[str, str]] = TAB
    autoimporter_enabled: bool = False


@dataclass(kw_only=True)
class BrowsePage(ProjectPage):
    template: ClassVar[str] = "/projects/tasks_browse.html"
    tab: ClassVar[str] = _("Browse the tasks")
    shared: ClassVar[frozenset[str]] = ProjectPage.shared | {"tasks"}
    """Of the same `pagination`."""
    tasks: list[dict[str, Any]] = field(default_factory=list)
    pagination: Pagination

    def place(self) -> str:
        return numbered(super().place(), self.pagination)


@dataclass(kw_only=True)
class TaskSettingsPage(ProjectPage):
    template: ClassVar[str] = "/projects/task_settings.html"
    tab: ClassVar[str] = _("Task settings")
    fewest_answers: int = 0
    most_answers: int = 0
    """What the task that wants fewest asks for, and the one that wants most."""
    order: str = ""
    """The scheduler, in words."""


@dataclass(kw_only=True)
class RedundancyPage(ProjectPage):
    template: ClassVar[str] = "/projects/task_n_answers.html"
    form: FormModel
    fewest_answers: int = field(default=0, metadata=NOT_JSON)
    most_answers: int = field(default=0, metadata=NOT_JSON)
    """As in TaskSettingsPage."""


@dataclass(kw_only=True)
class SchedulerPage(ProjectPage):
    template: ClassVar[str] = "/projects/task_scheduler.html"
    form: FormModel


@dataclass(kw_only=True)
class PriorityPage(ProjectPage):
    template: ClassVar[str] = "/projects/task_priority.html"
    form: FormModel


@dataclass(kw_only=True)
class DeleteTasksPage(ProjectPage):
    template: ClassVar[str] = "projects/tasks/delete.html"
    tab: ClassVar[str] = _("Delete the tasks")
    csrf: str
