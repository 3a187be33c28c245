"""The blog of a project."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.i18n import lazy_gettext as _
from webapp.viewmodels.form import FormModel
from webapp.viewmodels.page import NOT_JSON, Pagination, numbered
from webapp.viewmodels.project.base import TAB, ProjectPage


@dataclass(kw_only=True)
class BlogPage(ProjectPage):
    template: ClassVar[str] = "projects/blog.html"
    fragments: ClassVar[dict[str, str]] = TAB
    tab: ClassVar[str] = _("Blog")
    blogposts: list[dict[str, Any]] = field(default_factory=list)
    excerpts: dict[int, str] = field(default_factory=dict, metadata=NOT_JSON)
    """The beginning of each post without its marks, by its id."""
    pagination: Pagination = field(metadata=NOT_JSON)
    may_write: bool = field(default=False, metadata=NOT_JSON)
    changeable: list[int] = field(default_factory=list, metadata=NOT_JSON)
    """Ids of the posts that the viewer may change and delete."""
    csrf: str = field(default="", metadata=NOT_JSON)

    def place(self) -> str:
        return numbered(super().place(), self.pagination)


@dataclass(kw_only=True)
class BlogpostPage(ProjectPage):
    template: ClassVar[str] = "projects/blog_post.html"
    blogpost: dict[str, Any] = field(default_factory=dict)
    body_html: str = field(default="", metadata=NOT_JSON)
    may_change: bool = field(default=False, metadata=NOT_JSON)


@dataclass(kw_only=True)
class WritePostPage(ProjectPage):
    template: ClassVar[str] = "projects/new_blogpost.html"
    form: FormModel
    action: str = field(default="", metadata=NOT_JSON)
    post: str = field(default="", metadata=NOT_JSON)
    """The title of the post that is changed, "" for a new one."""

    def place(self) -> str:
        return f"{self.title}: {self.post}" if self.post else str(self.title)
