"""Creating, changing and removing a project."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.i18n import lazy_gettext as _
from webapp.viewmodels.form import FormModel
from webapp.viewmodels.page import NOT_JSON, Page
from webapp.viewmodels.project.base import ProjectPage


@dataclass(kw_only=True)
class NewProjectPage(Page):
    template: ClassVar[str] = "projects/new.html"
    section: ClassVar[str] = "projects"
    form: FormModel
    errors: bool = False


@dataclass(kw_only=True)
class SettingsPage(ProjectPage):
    template: ClassVar[str] = "/projects/settings.html"
    fragments: ClassVar[dict[str, str]] = {"project-progress": "progress"}
    """The page asks for its progress now and then, so that an owner sees it grow."""
    tryout_url: str | None = field(default=None, metadata=NOT_JSON)
    """Where others may try the draft."""
    csrf: str = field(default="", metadata=NOT_JSON)
    checklist: list[dict[str, Any]] = field(default_factory=list, metadata=NOT_JSON)
    ckan: dict[str, str] = field(default_factory=dict, metadata=NOT_JSON)
    """As on the project's own page."""

    def to_json(self) -> dict[str, Any]:
        return super().to_json() | self.ckan


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
    n_completed: int = field(default=0, metadata=NOT_JSON)
    """Tasks that have come to a result, so that its name has to be written to delete it."""
