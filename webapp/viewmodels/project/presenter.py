"""The editor of a presenter."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.i18n import gettext
from webapp.i18n import lazy_gettext as _
from webapp.viewmodels.form import FormModel
from webapp.viewmodels.page import NOT_JSON
from webapp.viewmodels.project.base import ProjectPage
from webapp.viewmodels.project.builders import PresenterChoice


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
    doubt: str = field(default="", metadata=NOT_JSON)
    """Why what is edited will not do what is meant."""
    frame: dict[str, Any] = field(default_factory=dict, metadata=NOT_JSON)
    """What the script of the preview's frame works with."""

    def place(self) -> str:
        return f"{EDITED[self.part]} · {gettext('Editor')}"
