"""What has happened to a project, for its owners: changes, and calls of its webhook."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from webapp.viewmodels.page import Pagination
from webapp.viewmodels.project.base import ProjectPage


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the audit log."""

    when: datetime
    who: str
    attribute: str
    before: str | None
    after: str | None
    caller: str
    """`web` or `api`."""


@dataclass(frozen=True, slots=True)
class HookCall:
    """One call of the webhook, and what was answered."""

    id: int
    when: datetime
    task_id: int | None
    status: int | None
    answer: str
    delivered: bool


@dataclass(kw_only=True)
class ChangesPage(ProjectPage):
    template: ClassVar[str] = "/projects/auditlog.html"
    changes: list[Change] = field(default_factory=list)
    pagination: Pagination


@dataclass(kw_only=True)
class HookCallsPage(ProjectPage):
    template: ClassVar[str] = "/projects/webhook.html"
    calls: list[HookCall] = field(default_factory=list)
    pagination: Pagination
    address: str | None = None
    csrf: str = ""
