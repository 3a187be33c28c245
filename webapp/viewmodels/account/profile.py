"""Profiles: one's own, and others'."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from webapp.i18n import gettext as _
from webapp.viewmodels.form import FormModel
from webapp.viewmodels.page import NOT_JSON, Page, Pagination

Projects = list[dict[str, Any]]
Pages = dict[str, Pagination]
"""Where in its lists a page is, by the names that their pages have in its query."""


@dataclass(kw_only=True)
class OwnProfilePage(Page):
    """Somebody's own profile: what they have done, their projects, their key."""

    template: ClassVar[str] = "account/profile.html"
    user: dict[str, Any]
    projects_contrib: Projects = field(default_factory=list)
    projects_published: Projects = field(default_factory=list)
    projects_draft: Projects = field(default_factory=list)
    offers: list[dict[str, Any]] = field(default_factory=list)
    """Projects that are offered to the account: `short_name`, `name`, `offered_by`, `expires`."""
    form: FormModel | None = None
    """What they say of themselves beyond their profile, on sites that ask for it."""
    can_update: bool = True
    calendar: list[dict[str, Any]] = field(default_factory=list, metadata=NOT_JSON)
    """Days with their number of answers, the oldest first."""
    badges: list[dict[str, str]] = field(default_factory=list, metadata=NOT_JSON)
    pages: Pages = field(default_factory=dict, metadata=NOT_JSON)
    csrf: str = field(default="", metadata=NOT_JSON)


@dataclass(kw_only=True)
class PublicProfilePage(Page):
    """Somebody else's profile; `user` is None where they are shown to nobody."""

    template: ClassVar[str] = "/account/public_profile.html"
    section: ClassVar[str] = "community"
    shared: ClassVar[frozenset[str]] = frozenset(
        {"user", "projects", "projects_created", "can_update", "account_id", "calendar", "badges", "pages"}
    )
    user: dict[str, Any] | None
    projects: Projects = field(default_factory=list)
    projects_contrib: Projects = field(default_factory=list)
    projects_created: Projects = field(default_factory=list)
    form: None = None
    can_update: bool = False
    input_form: bool = False
    account_id: int | None = field(default=None, metadata=NOT_JSON)
    calendar: list[dict[str, Any]] = field(default_factory=list, metadata=NOT_JSON)
    badges: list[dict[str, str]] = field(default_factory=list, metadata=NOT_JSON)
    pages: Pages = field(default_factory=dict, metadata=NOT_JSON)


@dataclass(kw_only=True)
class OwnProjectsPage(Page):
    template: ClassVar[str] = "account/projects.html"
    offers: list[dict[str, Any]] = field(default_factory=list)
    """As in OwnProfilePage."""
    projects_published: Projects = field(default_factory=list)
    projects_draft: Projects = field(default_factory=list)
    pages: Pages = field(default_factory=dict, metadata=NOT_JSON)

    def tab_title(self) -> str:
        return _("Your projects")


@dataclass(kw_only=True)
class MetadataPage(Page):
    """Languages, places, hours."""

    template: ClassVar[str] = "account/metadata.html"
    form: FormModel
    name: str = field(default="", metadata=NOT_JSON)
    fullname: str = field(default="", metadata=NOT_JSON)


@dataclass(kw_only=True)
class SettingsPage(Page):
    """Profile, picture, password and outside keys: four forms on one page, told apart by `btn`."""

    template: ClassVar[str] = "/account/update.html"
    form: FormModel
    upload_form: FormModel
    password_form: FormModel
    show_passwd_form: bool = True
    name: str = field(default="", metadata=NOT_JSON)
    user: dict[str, Any] = field(default_factory=dict, metadata=NOT_JSON)
    asks_more: bool = field(default=False, metadata=NOT_JSON)
    """Whether the site asks for more than a profile."""
    own: bool = field(default=True, metadata=NOT_JSON)
    """Whether these are the reader's own settings, and not an administrator's view of somebody else's."""
    has_newsletter: bool = field(default=False, metadata=NOT_JSON)
    is_unconfirmed: bool = field(default=False, metadata=NOT_JSON)
    """Whether nobody has shown yet that the account's address is theirs."""
