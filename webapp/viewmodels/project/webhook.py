"""The calls of a project's webhook, for its owners."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from webapp.viewmodels.page import Pagination
from webapp.viewmodels.project.base import ProjectPage


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
class HookCallsPage(ProjectPage):
    template: ClassVar[str] = "/projects/webhook.html"
    calls: list[HookCall] = field(default_factory=list)
    pagination: Pagination
    address: str | None = None
    csrf: str = ""
