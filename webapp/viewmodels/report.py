"""The page on which visitors report something."""

from dataclasses import dataclass, field
from typing import ClassVar

from webapp.viewmodels.form import FormModel
from webapp.viewmodels.page import NOT_JSON, Page


@dataclass(kw_only=True)
class ReportPage(Page):
    template: ClassVar[str] = "report.html"
    form: FormModel
    name: str
    """What is reported."""
    path: str
    action: str = field(default="", metadata=NOT_JSON)
