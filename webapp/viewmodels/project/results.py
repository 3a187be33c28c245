"""What has come of a project."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.i18n import lazy_gettext as _
from webapp.viewmodels.page import NOT_JSON
from webapp.viewmodels.project.base import TAB, ProjectPage


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
