"""A project's own page, and its publication."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from db.models import ProjectReview
from webapp.i18n import lazy_gettext as _
from webapp.viewmodels.page import NOT_JSON
from webapp.viewmodels.project.base import TAB, ProjectPage


@dataclass(kw_only=True)
class DetailsPage(ProjectPage):
    template: ClassVar[str] = "/projects/project.html"
    fragments: ClassVar[dict[str, str]] = TAB
    shared: ClassVar[frozenset[str]] = ProjectPage.shared | {"long_description_html"}
    long_description_html: str = field(default="", metadata=NOT_JSON)
    checklist: list[dict[str, Any]] = field(default_factory=list, metadata=NOT_JSON)
    ckan: dict[str, str] = field(default_factory=dict, metadata=NOT_JSON)
    """`ckan_name, ckan_url, ckan_pkg_name`, where the site has one."""

    def to_json(self) -> dict[str, Any]:
        return super().to_json() | self.ckan


@dataclass(kw_only=True)
class PublishPage(ProjectPage):
    template: ClassVar[str] = "/projects/publish.html"
    tab: ClassVar[str] = _("Publish")
    csrf: str
    checklist: list[dict[str, Any]] = field(default_factory=list, metadata=NOT_JSON)
    n_test_answers: int = field(default=0, metadata=NOT_JSON)
    is_looked_at: bool = field(default=False, metadata=NOT_JSON)
    """Whether an administrator looks at it before it is published."""
    wish: ProjectReview | None = field(default=None, metadata=NOT_JSON)
    """Since when it waits for that, or what the administrator said."""
