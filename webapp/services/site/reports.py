"""Reports: what visitors find wrong, for the administrators."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from db.models import Blogpost, Project, Report, User
from db.queries.site import reports
from db.repositories.rows import find_row
from db.session import AsyncSession
from webapp.actor import Actor
from webapp.errors import NotFound, TooManyRequests
from webapp.i18n import gettext as _
from webapp.policies import Action, about_content, about_project, about_user, can, require
from webapp.services.site import admin_record
from webapp.urls import account_url, project_url

Subject = Literal["project", "blogpost", "user"]
SUBJECTS: tuple[Subject, ...] = ("project", "blogpost", "user")
MOST_A_DAY = 20
"""Of one account, or one address."""


@dataclass(frozen=True, slots=True)
class Reported:
    """What is reported: which, what it is called, and where it is seen."""

    subject: Subject
    id: int
    name: str
    path: str


async def find(session: AsyncSession, actor: Actor, subject: str, subject_id: int) -> Reported:
    """What is to be reported, as this caller may see it. Raises NotFound."""
    if subject == "user":
        return await _account(session, actor, subject_id)
    if subject == "blogpost":
        post = await find_row(session, Blogpost, subject_id)
        project = await find_row(session, Project, post.project_id) if post is not None else None
        if post is not None and project is not None:
            facts = about_content(project, author_id=post.user_id, published=post.published)
            if can(actor, Action.BLOGPOST_READ, facts):
                return Reported("blogpost", post.id, post.title, project_url(project.short_name, str(post.id)))
        raise NotFound
    project = await find_row(session, Project, subject_id) if subject == "project" else None
    if project is None or not can(actor, Action.PROJECT_VIEW, about_project(project)):
        raise NotFound
    return Reported("project", project.id, project.name, project_url(project.short_name))


async def _account(session: AsyncSession, actor: Actor, user_id: int) -> Reported:
    user = await find_row(session, User, user_id)
    if user is None or not can(actor, Action.USER_READ, about_user(user.id, restricted=user.restrict)):
        raise NotFound
    return Reported("user", user.id, user.fullname, account_url(user.name))


async def add(session: AsyncSession, actor: Actor, reported: Reported, reason: str, text: str) -> None:
    """Tell the administrators. Raises TooManyRequests of who has reported much today."""
    require(actor, Action.REPORT_CREATE)
    reporter = f"user:{actor.user_id}" if actor.user_id is not None else f"ip:{actor.ip}"
    if await reports.count_since(session, reporter, datetime.now(UTC) - timedelta(days=1)) >= MOST_A_DAY:
        raise TooManyRequests(_("You have reported a lot today. Please try again tomorrow."))
    await reports.add(
        session,
        {
            "subject": reported.subject,
            "subject_id": reported.id,
            "subject_name": reported.name[: admin_record.LONGEST_NAME],
            "path": reported.path[: admin_record.LONGEST_NAME],
            "reporter": reporter,
            "reason": reason,
            "text": text,
        },
    )


async def close(session: AsyncSession, actor: Actor, report_id: int) -> Report:
    """This report, and all others about the same, are dealt with. Raises NotFound."""
    require(actor, Action.REPORT_CLOSE)
    report = await find_row(session, Report, report_id)
    if report is None:
        raise NotFound
    n_closed = await reports.close(session, report.subject, report.subject_id)
    subject: admin_record.Subject = "user" if report.subject == "user" else "project"
    detail = f"{n_closed} reports of {report.subject}: {report.reason}. {report.text}"
    await admin_record.note(session, actor, "close reports", subject, report.subject_id, report.subject_name, detail)
    return report
