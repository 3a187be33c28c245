"""One table per file, but for the small ones of `figures`.

`METADATA` is taken from here, so that whoever compares a schema has every table."""

from db.base import Base
from db.models.account_session import AccountSession
from db.models.admin_action import AdminAction
from db.models.announcement import Announcement
from db.models.assignment import Assignment
from db.models.auditlog import Auditlog
from db.models.blogpost import Blogpost
from db.models.category import Category
from db.models.ckan_export import CkanExport
from db.models.contributor_progress import ContributorProgress
from db.models.figures.account import RankedUser, ScoreBlock, ScoreCount, UserDay
from db.models.figures.folding import FigureState, ProjectChange, ResultChange, RunChange, UserChange
from db.models.figures.project import (
    ContributorDay,
    ProjectContributor,
    ProjectDay,
    ProjectHour,
    ProjectOrder,
    ProjectPeople,
    ProjectTotal,
)
from db.models.figures.site import ActivityHour, CategoryTotal, RecentActivity, SiteDay, SiteTotal
from db.models.file import File
from db.models.helping_material import HelpingMaterial
from db.models.invitation import Invitation
from db.models.job_failure import JobFailure
from db.models.linked_account import LinkedAccount
from db.models.mail import Mail, Mailing, NewsletterSubscriber
from db.models.ownership_offer import OwnershipOffer
from db.models.page import Page
from db.models.passkey import Passkey
from db.models.project import Project
from db.models.project_counter import ProjectCounter
from db.models.project_review import ProjectReview
from db.models.project_search import ProjectSearch
from db.models.project_stats import ProjectStats
from db.models.report import Report
from db.models.result import Result
from db.models.revocation import Revocation
from db.models.second_step import RecoveryCode, SecondStep
from db.models.sent_form import SentForm
from db.models.task import Task
from db.models.task_import import TaskImport
from db.models.task_run import TaskRun
from db.models.task_slots import TaskSlots
from db.models.user import User
from db.models.user_score import UserScore
from db.models.webhook import Webhook

METADATA = Base.metadata

__all__ = [
    "METADATA",
    "AccountSession",
    "ActivityHour",
    "AdminAction",
    "Announcement",
    "Assignment",
    "Auditlog",
    "Blogpost",
    "Category",
    "CategoryTotal",
    "CkanExport",
    "ContributorDay",
    "ContributorProgress",
    "FigureState",
    "File",
    "HelpingMaterial",
    "Invitation",
    "JobFailure",
    "LinkedAccount",
    "Mail",
    "Mailing",
    "NewsletterSubscriber",
    "OwnershipOffer",
    "Page",
    "Passkey",
    "Project",
    "ProjectChange",
    "ProjectContributor",
    "ProjectCounter",
    "ProjectDay",
    "ProjectHour",
    "ProjectOrder",
    "ProjectPeople",
    "ProjectReview",
    "ProjectSearch",
    "ProjectStats",
    "ProjectTotal",
    "RankedUser",
    "RecentActivity",
    "RecoveryCode",
    "Report",
    "Result",
    "ResultChange",
    "Revocation",
    "RunChange",
    "ScoreBlock",
    "ScoreCount",
    "SecondStep",
    "SentForm",
    "SiteDay",
    "SiteTotal",
    "Task",
    "TaskImport",
    "TaskRun",
    "TaskSlots",
    "User",
    "UserChange",
    "UserDay",
    "UserScore",
    "Webhook",
]
