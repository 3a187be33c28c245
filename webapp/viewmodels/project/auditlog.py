"""The log of a project's changes, for its owners."""

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


@dataclass(kw_only=True)
class ChangesPage(ProjectPage):
    template: ClassVar[str] = "/projects/auditlog.html"
    changes: list[Change] = field(default_factory=list)
    pagination: Pagination
