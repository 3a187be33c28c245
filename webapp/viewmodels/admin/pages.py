"""Pages of the administration (docs/contract/pages.md 5)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from webapp.viewmodels.admin.base import AdminPage
from webapp.viewmodels.form import CsrfOnly, FormModel
from webapp.viewmodels.page import NOT_JSON, Pagination

Row = dict[str, Any]
Series = dict[str, Any]
"""As clients plot it: `labels`, and `series`, a list with one list of as many numbers."""


@dataclass(kw_only=True)
class IndexPage(AdminPage):
    template: ClassVar[str] = "/admin/index.html"
    place: ClassVar[str] = "index"
    totals: dict[str, int] = field(default_factory=dict, metadata=NOT_JSON)


@dataclass(kw_only=True)
class DashboardPage(AdminPage):
    template: ClassVar[str] = "admin/dashboard.html"
    place: ClassVar[str] = "dashboard"
    active_users_last_week: Series
    active_anon_last_week: Series
    new_tasks_week: Series
    new_task_runs_week: Series
    new_users_week: Series
    returning_users_week: Series
    draft_projects_last_week: list[Row]
    published_projects_last_week: list[Row]
    update_projects_last_week: list[Row]
    update_feed: list[Row]
    wait: bool = False
    returning_points: list[tuple[str, int]] = field(default_factory=list, metadata=NOT_JSON)
    plots: list[tuple[str, list[tuple[str, int]]]] = field(default_factory=list, metadata=NOT_JSON)
    """What the page draws: the title of a plot, and its columns."""


@dataclass(kw_only=True)
class FeaturedPage(AdminPage):
    template: ClassVar[str] = "/admin/projects.html"
    place: ClassVar[str] = "featured"
    projects: dict[str, list[Row]]
    """By the short names of their categories."""
    categories: list[Row]
    form: CsrfOnly
    featured: list[Row] = field(default_factory=list, metadata=NOT_JSON)
    found: list[Row] = field(default_factory=list, metadata=NOT_JSON)
    query: str = field(default="", metadata=NOT_JSON)
    """What was looked for among all public projects."""


@dataclass(kw_only=True)
class UsersPage(AdminPage):
    template: ClassVar[str] = "/admin/users.html"
    place: ClassVar[str] = "users"
    form: FormModel
    found: list[Row]
    users: list[Row]
    """The administrators, but for the one who asks."""
    searched: bool = field(default=False, metadata=NOT_JSON)


@dataclass(kw_only=True)
class CategoriesPage(AdminPage):
    template: ClassVar[str] = "admin/categories.html"
    place: ClassVar[str] = "categories"
    categories: list[Row]
    n_projects_per_category: dict[str, int]
    form: FormModel


@dataclass(kw_only=True)
class UpdateCategoryPage(AdminPage):
    template: ClassVar[str] = "admin/update_category.html"
    place: ClassVar[str] = "categories"
    category: Row
    form: FormModel


@dataclass(kw_only=True)
class DeleteCategoryPage(AdminPage):
    template: ClassVar[str] = "admin/del_category.html"
    place: ClassVar[str] = "categories"
    category: Row
    form: CsrfOnly
    is_used: bool = field(default=False, metadata=NOT_JSON)
    """Whether projects are in it, so that it stays."""
    is_only: bool = field(default=False, metadata=NOT_JSON)


@dataclass(kw_only=True)
class ManageAnnouncementsPage(AdminPage):
    template: ClassVar[str] = "admin/announcement.html"
    place: ClassVar[str] = "announcements"
    announcements: list[Row]
    csrf: str
    excerpts: dict[int, str] = field(default_factory=dict, metadata=NOT_JSON)
    """The beginning of each without its marks, by its id."""
    pagination: Pagination | None = field(default=None, metadata=NOT_JSON)


@dataclass(kw_only=True)
class RecordPage(AdminPage):
    template: ClassVar[str] = "admin/record.html"
    place: ClassVar[str] = "record"
    actions: list[Row]
    """What administrators did, the latest first."""
    pagination: Pagination


@dataclass(kw_only=True)
class ReviewPage(AdminPage):
    template: ClassVar[str] = "admin/review.html"
    place: ClassVar[str] = "review"
    waiting: list[Row]
    """Projects that wait to be published, who waits longest first."""
    reports: list[Row]
    """What visitors reported and nobody has dealt with, the oldest first."""
    form: FormModel


@dataclass(kw_only=True)
class AccountPage(AdminPage):
    template: ClassVar[str] = "admin/account.html"
    place: ClassVar[str] = "users"
    user: Row
    form: FormModel
    n_answers: int
    projects: list[Row]
    is_unconfirmed: bool = field(default=False, metadata=NOT_JSON)
    """Whether nobody has shown yet that its address is theirs."""
    is_suspended: bool = False
    has_second_step: bool = False
    """Whether its person is asked for more than their password."""
    suspended_until: datetime | None = None
    suspended_reason: str | None = None


@dataclass(kw_only=True)
class InvitationsPage(AdminPage):
    template: ClassVar[str] = "admin/invitations.html"
    place: ClassVar[str] = "invitations"
    form: FormModel
    invitations: list[Row]
    is_needed: bool = field(default=True, metadata=NOT_JSON)
    """Whether anybody needs one here."""


@dataclass(kw_only=True)
class JobsPage(AdminPage):
    template: ClassVar[str] = "admin/rq.html"
    place: ClassVar[str] = "jobs"
    queues: list[Row]
    failed: list[Row]
    """Jobs that were given up, the latest first."""
    csrf: str


@dataclass(kw_only=True)
class WriteAnnouncementPage(AdminPage):
    template: ClassVar[str] = "admin/new_announcement.html"
    place: ClassVar[str] = "announcements"
    form: FormModel
    action: str = field(default="", metadata=NOT_JSON)
    is_new: bool = field(default=True, metadata=NOT_JSON)
