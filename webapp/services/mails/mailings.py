"""Mails to many: a step at a time through the recipients, each step one transaction with its place among them.

So a worker that is killed leaves a whole number of steps, and the next goes on after them: nobody is passed twice.
"""

from datetime import UTC, datetime

from db.models import Blogpost, Mailing, Project, User
from db.queries.projects import publishing
from db.queries.site import jobs, mail_audiences, mails
from db.queries.site.mail_audiences import Step
from db.repositories.rows import find_row
from db.session import AsyncSession, Database
from webapp.actor import SYSTEM, Actor
from webapp.config import Settings
from webapp.integrations.queue import MAIL
from webapp.policies import Action, about_feature, can
from webapp.services.mails.outbox import BULK_PRIORITY, SEND
from webapp.services.projects import auditing

STEP = 200
END = Step(None, [])


async def go_on(database: Database, settings: Settings, mailing_id: int) -> None:
    """Move the bulk mail on until its last recipient."""
    while True:
        async with database.unit() as uow:
            mailing = await mails.lock_mailing(uow.session, mailing_id)
            if mailing is None or mailing.finished is not None:
                return
            step = await _next_step(uow.session, settings, mailing)
            ids = await mails.add_mails(uow.session, mailing.kind, step.recipients)
            await jobs.defer_same(uow.session, SEND, "mail_id", ids, queue=MAIL, priority=BULK_PRIORITY)
            mailing.cursor = step.cursor or mailing.cursor
            if step.cursor is None:
                mailing.finished = datetime.now(UTC)


async def _next_step(session: AsyncSession, settings: Settings, mailing: Mailing) -> Step:
    cursor = mailing.cursor
    if not settings.mail_notices:
        return END
    if mailing.kind == "blogpost":
        return await _readers_of_post(session, settings, mailing)
    if mailing.kind == "weekly_report":
        everybody = "project_weekly_report" not in settings.pro_features
        return await mail_audiences.owners_for_report(session, cursor, limit=STEP, everybody=everybody)
    if mailing.kind == "idle_project":
        return await _unpublish_idle(session, settings, cursor)
    if mailing.kind == "inactive":
        return await _warn_inactive(session, settings, cursor)
    return await mail_audiences.accounts(session, mailing.kind, cursor, limit=STEP)


async def _readers_of_post(session: AsyncSession, settings: Settings, mailing: Mailing) -> Step:
    post = await find_row(session, Blogpost, int(mailing.about["blogpost_id"]))
    project = await find_row(session, Project, post.project_id) if post is not None and post.published else None
    owner = await find_row(session, User, project.owner_id) if project is not None else None
    if post is None or project is None or owner is None or not project.published:
        return END
    actor = Actor(user_id=owner.id, admin=owner.admin, pro=owner.pro)
    is_open = can(actor, Action.PRO_FEATURE, about_feature("notify_blog_updates", settings.pro_features))
    if not (is_open or project.featured):
        return END
    step = await mail_audiences.volunteers(session, project.id, mailing.cursor, limit=STEP)
    others = [(user_id, {"blogpost_id": post.id}) for user_id, _about in step.recipients if user_id != post.user_id]
    return Step(step.cursor, others)


async def _warn_inactive(session: AsyncSession, settings: Settings, cursor: str | None) -> Step:
    if not settings.inactive_months:
        return END
    months = settings.inactive_months
    step = await mail_audiences.accounts(session, "inactive", cursor, limit=STEP, months=months)
    await mail_audiences.note_notified(session, [user_id for user_id, _about in step.recipients])
    return step


async def _unpublish_idle(session: AsyncSession, settings: Settings, cursor: str | None) -> Step:
    if not settings.unpublish_idle_projects:
        return END
    step = await mail_audiences.owners_of_idle(session, cursor, limit=STEP)
    ids = [int(about["project_id"]) for _user_id, about in step.recipients]
    await mail_audiences.note_contacted(session, ids)
    for number in ids:
        project = await find_row(session, Project, number)
        if project is not None and await publishing.unpublish(session, number):
            auditing.record(
                session, SYSTEM, project, "web", action="update", attribute="published", old=True, new=False
            )
    return step
