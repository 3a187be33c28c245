"""Who runs a project, and the password for everybody else."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from webapp.i18n import lazy_gettext as _
from webapp.viewmodels.form import FormModel
from webapp.viewmodels.page import NOT_JSON, Page
from webapp.viewmodels.project.base import ProjectPage


@dataclass(kw_only=True)
class TransferPage(ProjectPage):
    template: ClassVar[str] = "/projects/transferownership.html"
    tab: ClassVar[str] = _("Transfer ownership")
    form: FormModel
    target: str = ".transfer_ownership"
    offer: dict[str, Any] | None = None
    """The offer that waits for an answer: `email_addr`, `expires`."""
    csrf: str = field(default="", metadata=NOT_JSON)


@dataclass(kw_only=True)
class OfferPage(Page):
    """A project that is offered to the reader, who may not see inside of it yet."""

    template: ClassVar[str] = "projects/offer.html"
    section: ClassVar[str] = "projects"
    name: str
    short_name: str
    description: str
    owner: str
    """The full name of whoever gives it away."""
    published: bool
    n_tasks: int
    n_task_runs: int
    expires: datetime
    csrf: str


@dataclass(kw_only=True)
class CoownersPage(ProjectPage):
    template: ClassVar[str] = "/projects/coowners.html"
    tab: ClassVar[str] = _("Co-owners")
    form: FormModel
    coowners: list[dict[str, Any]] = field(default_factory=list)
    found: dict[str, Any] | list[Any] = field(default_factory=list)
    csrf: str = field(default="", metadata=NOT_JSON)


@dataclass(kw_only=True)
class PasswordPage(Page):
    template: ClassVar[str] = "projects/password.html"
    section: ClassVar[str] = "projects"
    form: FormModel
    next: str = ""
    name: str = ""
    short_name: str = ""

    def tab_title(self) -> str:
        return f"{self.plain_title()} · {self.name}"
