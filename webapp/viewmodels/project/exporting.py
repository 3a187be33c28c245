"""Export."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.i18n import gettext as _
from webapp.services.exporting.flattening import FURTHER, MOST_COLUMNS
from webapp.viewmodels.page import NOT_JSON
from webapp.viewmodels.project.base import ProjectPage


@dataclass(kw_only=True)
class ExportPage(ProjectPage):
    """What can be downloaded."""

    template: ClassVar[str] = "/projects/export.html"
    most_columns: int = field(default=MOST_COLUMNS, metadata=NOT_JSON)
    further: str = field(default=FURTHER, metadata=NOT_JSON)
    csrf: str = field(default="", metadata=NOT_JSON)
    ckan: dict[str, Any] | None = field(default=None, metadata=NOT_JSON)
    """For owners, where the site has one: its `name`, and whether they have a key for it (`has_key`)."""
    recent: list[dict[str, Any]] = field(default_factory=list, metadata=NOT_JSON)
    """Exports there, the latest first."""


@dataclass(kw_only=True)
class CkanProgressPage(ProjectPage):
    """How far one export to CKAN is."""

    template: ClassVar[str] = "projects/export_progress.html"
    fragments: ClassVar[dict[str, str]] = {"import-state": "state"}
    progress: dict[str, Any] = field(default_factory=dict)
    ckan_name: str = ""
    package_url: str = ""

    def place(self) -> str:
        return _("Export %(number)s", number=self.progress["id"])
