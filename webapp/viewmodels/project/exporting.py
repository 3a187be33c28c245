"""Export."""

from dataclasses import dataclass, field
from typing import ClassVar

from webapp.services.exporting.flattening import FURTHER, MOST_COLUMNS
from webapp.viewmodels.page import NOT_JSON
from webapp.viewmodels.project.base import ProjectPage


@dataclass(kw_only=True)
class ExportPage(ProjectPage):
    """What can be downloaded."""

    template: ClassVar[str] = "/projects/export.html"
    most_columns: int = field(default=MOST_COLUMNS, metadata=NOT_JSON)
    further: str = field(default=FURTHER, metadata=NOT_JSON)
