"""Data out."""

from dataclasses import dataclass
from typing import ClassVar

from webapp.viewmodels.project.base import ProjectPage


@dataclass(kw_only=True)
class ExportPage(ProjectPage):
    """What can be downloaded."""

    template: ClassVar[str] = "/projects/export.html"
