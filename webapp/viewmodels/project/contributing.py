"""The contribute page, the tutorial, and the frames in which presenters are guests."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.i18n import gettext as _
from webapp.viewmodels.page import NOT_JSON, Page
from webapp.viewmodels.project.base import ProjectPage


@dataclass(kw_only=True)
class ContributePage(ProjectPage):
    """The page around a presenter. `config` is what its script works with."""

    template: ClassVar[str] = "/projects/presenter.html"
    stands_alone: ClassVar[bool] = True
    offers_button: ClassVar[bool] = False
    config: dict[str, Any] = field(default_factory=dict, metadata=NOT_JSON)
    frame_url: str = field(default="", metadata=NOT_JSON)
    done: int = field(default=0, metadata=NOT_JSON)
    can_skip: bool = field(default=False, metadata=NOT_JSON)
    has_presenter: bool = field(default=True, metadata=NOT_JSON)
    next_project: dict[str, Any] | None = field(default=None, metadata=NOT_JSON)

    def place(self) -> str:
        task_id = self.config.get("task_id")
        return _("Task %(number)s", number=task_id) if task_id else ""

    def to_json(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in super().to_json().items()
            if name in ("project", "owner", "title", "template")
        }


@dataclass(kw_only=True)
class WrongTaskPage(ContributePage):
    """The task of the address is another project's."""

    template: ClassVar[str] = "/projects/task/wrong.html"

    def place(self) -> str:
        return _("A task of another project")


@dataclass(kw_only=True)
class TutorialPage(ContributePage):
    template: ClassVar[str] = "/projects/tutorial.html"


@dataclass(kw_only=True)
class FrameNoticePage(ProjectPage):
    """In place of a presenter's document, for whoever opens its address by itself."""

    template: ClassVar[str] = "frames/notice.html"
    offers_button: ClassVar[bool] = False


@dataclass(kw_only=True)
class FramePage(Page):
    """A presenter's own document: the owner's HTML as it is, as a guest."""

    is_guest: ClassVar[bool] = True
    template: ClassVar[str] = "projects/frame.html"
    snippet: str
    settings: dict[str, Any]
    """What the frame's script works with. The token is not among it: the page around gives that, so that whoever
    opens the frame's address by itself has nothing."""
    short_name: str
    show_start: bool = False
