"""Rows by aggregate: `get` raises NotFound, `find` may return None, `page` is a part of a list; `add` and `remove` act
at once."""

from db.repositories.announcement import AnnouncementRepository
from db.repositories.auditlog import AuditlogRepository
from db.repositories.base import Repository, Slice
from db.repositories.blogpost import BlogpostRepository
from db.repositories.category import CategoryRepository
from db.repositories.ownership_offer import OwnershipOfferRepository
from db.repositories.project import ProjectRepository
from db.repositories.result import ResultRepository
from db.repositories.task import TaskRepository
from db.repositories.task_run import TaskRunRepository
from db.repositories.user import UserRepository
from db.repositories.webhook import WebhookRepository

__all__ = [
    "AnnouncementRepository",
    "AuditlogRepository",
    "BlogpostRepository",
    "CategoryRepository",
    "OwnershipOfferRepository",
    "ProjectRepository",
    "Repository",
    "ResultRepository",
    "Slice",
    "TaskRepository",
    "TaskRunRepository",
    "UserRepository",
    "WebhookRepository",
]
