"""Pages of one project, a dataclass a template."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from webapp.i18n import gettext
from webapp.i18n import lazy_gettext as _
from webapp.viewmodels.form import FormModel
from webapp.viewmodels.page import NOT_JSON, Page, Pagination, numbered
from webapp.viewmodels.project.base import ProjectPage
from webapp.viewmodels.project.builders import PresenterChoice

TAB = {"project-tab": "tab"}
"""The tabs of a project swap this part alone."""


@dataclass(kw_only=True)
class NewProjectPage(Page):
    template: ClassVar[str] = "projects/new.html"
    section: ClassVar[str] = "projects"
    form: FormModel
    errors: bool = False


@dataclass(kw_only=True)
class DetailsPage(ProjectPage):
    template: ClassVar[str] = "/projects/project.html"
    fragments: ClassVar[dict[str, str]] = TAB
    shared: ClassVar[frozenset[str]] = ProjectPage.shared | {"long_description_html"}
    long_description_html: str = field(default="", metadata=NOT_JSON)
    checklist: list[dict[str, Any]] = field(default_factory=list, metadata=NOT_JSON)


@dataclass(kw_only=True)
class SettingsPage(ProjectPage):
    template: ClassVar[str] = "/projects/settings.html"
    fragments: ClassVar[dict[str, str]] = {"project-progress": "progress"}
    """The page asks for its progress now and then, so that an owner sees it grow."""
    csrf: str = field(default="", metadata=NOT_JSON)
    checklist: list[dict[str, Any]] = field(default_factory=list, metadata=NOT_JSON)


@dataclass(kw_only=True)
class UpdatePage(ProjectPage):
    template: ClassVar[str] = "/projects/update.html"
    form: FormModel
    upload_form: FormModel


@dataclass(kw_only=True)
class DeletePage(ProjectPage):
    template: ClassVar[str] = "/projects/delete.html"
    tab: ClassVar[str] = _("Delete the project")
    csrf: str


@dataclass(kw_only=True)
class PublishPage(ProjectPage):
    template: ClassVar[str] = "/projects/publish.html"
    tab: ClassVar[str] = _("Publish")
    csrf: str
    checklist: list[dict[str, Any]] = field(default_factory=list, metadata=NOT_JSON)
    n_test_answers: int = field(default=0, metadata=NOT_JSON)


@dataclass(kw_only=True)
class TransferPage(ProjectPage):
    template: ClassVar[str] = "/projects/transferownership.html"
    tab: ClassVar[str] = _("Transfer ownership")
    form: FormModel
    target: str = ".transfer_ownership"
    offer: dict[str, Any] | None = None
    """The offer that waits for an answer: `email_addr`, `expires`."""
    csrf: str = field(default="", metadata=NOT_JSON)


@dataclass(kw_only=True)
class OfferPage(Page):
    """A project that is offered to the reader, who may not see inside of it yet."""

    template: ClassVar[str] = "projects/offer.html"
    section: ClassVar[str] = "projects"
    name: str
    short_name: str
    description: str
    owner: str
    """The full name of whoever gives it away."""
    published: bool
    n_tasks: int
    n_task_runs: int
    expires: datetime
    csrf: str


@dataclass(kw_only=True)
class CoownersPage(ProjectPage):
    template: ClassVar[str] = "/projects/coowners.html"
    tab: ClassVar[str] = _("Co-owners")
    form: FormModel
    coowners: list[dict[str, Any]] = field(default_factory=list)
    found: dict[str, Any] | list[Any] = field(default_factory=list)
    csrf: str = field(default="", metadata=NOT_JSON)


@dataclass(kw_only=True)
class PasswordPage(Page):
    template: ClassVar[str] = "projects/password.html"
    section: ClassVar[str] = "projects"
    form: FormModel
    next: str = ""
    name: str = ""
    short_name: str = ""

    def tab_title(self) -> str:
        return f"{self.plain_title()} · {self.name}"


@dataclass(kw_only=True)
class ResultsPage(ProjectPage):
    template: ClassVar[str] = "/projects/results.html"
    tab: ClassVar[str] = _("Results")
    fragments: ClassVar[dict[str, str]] = TAB
    n_results: int = 0
    presented: bool = field(default=False, metadata=NOT_JSON)
    """The owner has written a page that shows the results (its code is told to nobody else)."""
    frame: dict[str, Any] = field(default_factory=dict, metadata=NOT_JSON)
    """What the script of the page's frame works with."""


@dataclass(kw_only=True)
class TasksPage(ProjectPage):
    template: ClassVar[str] = "/projects/tasks.html"
    fragments: ClassVar[dict[str, str]] = TAB
    autoimporter_enabled: bool = False


@dataclass(kw_only=True)
class BrowsePage(ProjectPage):
    template: ClassVar[str] = "/projects/tasks_browse.html"
    tab: ClassVar[str] = _("Browse the tasks")
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


@dataclass(kw_only=True)
class PresenterOptionsPage(ProjectPage):
    template: ClassVar[str] = "projects/task_presenter_options.html"
    presenters: list[str] = field(default_factory=list)
    choices: list[PresenterChoice] = field(default_factory=list, metadata=NOT_JSON)


EDITED = {"presenter": _("Presenter"), "tutorial": _("Tutorial"), "results": _("Page of the results")}


@dataclass(kw_only=True)
class PresenterEditorPage(ProjectPage):
    template: ClassVar[str] = "projects/task_presenter_editor.html"
    form: FormModel
    errors: bool = False
    part: str = field(default="presenter", metadata=NOT_JSON)
    """What is edited: `presenter`, `tutorial` or `results`."""
    choices: list[PresenterChoice] = field(default_factory=list, metadata=NOT_JSON)
    """What it may be started anew from."""
    preview_task_id: int | None = field(default=None, metadata=NOT_JSON)
    frame: dict[str, Any] = field(default_factory=dict, metadata=NOT_JSON)
    """What the script of the preview's frame works with."""

    def place(self) -> str:
        return f"{EDITED[self.part]} · {gettext('Editor')}"
