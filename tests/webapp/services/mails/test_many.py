"""Mails to many, and what goes with them by the calendar."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import IO, Any

import pytest
from sqlalchemy import select, text

from db.models import Auditlog, Blogpost, ContributorProgress, Mail, Mailing, Project, TaskImport, User
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.mailbox import Mailbox, text_of
from tests.support.outbox import do_jobs
from webapp.actor import Actor
from webapp.config import Settings
from webapp.errors import NotFound
from webapp.integrations.storage import Storage
from webapp.services.importing import task_imports
from webapp.services.mails import mailings, outbox, periodic
from webapp.services.projects import blog, webhooks
from webapp.services.site import failed_jobs
from webapp.services.site.files import FileStore

DAY = timedelta(days=1)


@pytest.fixture
async def owner(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session, name="olga", fullname="Olga", pro=True, subscribed=True, consent=True)


@pytest.fixture
async def project(database: Database, owner: User) -> Project:
    async with database.unit() as uow:
        project: Project = await make_project(uow.session, owner, name="Stars", short_name="stars")
        await make_tasks(uow.session, project, 2)
        return project


async def people(database: Database, project: Project | None, *, days_ago: int = 0, **values: Any) -> User:
    """Somebody who answered so long ago (in `project`)."""
    async with database.unit() as uow:
        user = await make_user(uow.session, **{"subscribed": True} | values)
        if project is not None:
            at = datetime.now(UTC) - days_ago * DAY
            uow.session.add(
                ContributorProgress(
                    project_id=project.id,
                    contributor=f"user:{user.id}",
                    user_id=user.id,
                    n_runs=1,
                    first_at=at,
                    last_at=at,
                )
            )
        return user


def addresses(mailbox: Mailbox) -> list[str]:
    return sorted(str(letter["To"]) for letter in mailbox.letters)


async def write(database: Database, project: Project, owner: User, **values: Any) -> Blogpost:
    async with database.unit() as uow:
        kept = await uow.session.get_one(Project, project.id)
        content = {"title": "A thousand", "body": "You have *done* it.", "published": True}
        return await blog.create(uow.session, Actor(user_id=owner.id), kept, content | values)


async def test_a_post_is_mailed_to_those_who_help_and_want_mail(
    database: Database, mailing: Settings, mailbox: Mailbox, owner: User, project: Project
) -> None:
    ann, ben = await people(database, project, name="ann"), await people(database, project, name="ben")
    await people(database, project, name="cat", subscribed=False)
    await people(database, project, name="dan", restrict=True)
    await people(database, project, name="fay", suspended_until=datetime.now(UTC) + DAY)
    await people(database, None, name="eva")
    post = await write(database, project, owner, published=False)
    await do_jobs(mailing)
    assert mailbox.letters == [], "it is a draft"

    for _again in range(2):
        async with database.unit() as uow:
            row = await uow.session.get_one(Blogpost, post.id)
            kept = await uow.session.get_one(Project, project.id)
            await blog.update(uow.session, Actor(user_id=owner.id), kept, row, {"published": False})
            await blog.update(uow.session, Actor(user_id=owner.id), kept, row, {"published": True})
        await do_jobs(mailing)
    assert addresses(mailbox) == sorted([ann.email_addr, ben.email_addr]), "once, when it is published"
    said = text_of(mailbox.letters[0])
    assert "You have done it." in said and f"https://bees.example/project/stars/blog/{post.id}" in said


async def test_volunteers_get_no_more_than_three_posts_of_a_project_a_day(
    database: Database, mailing: Settings, mailbox: Mailbox, owner: User, project: Project
) -> None:
    await people(database, project, name="ann")
    posts = [await write(database, project, owner) for _n in range(4)]
    await do_jobs(mailing)
    assert len(mailbox.letters) == 3
    async with database.unit() as uow:
        assert [await blog.is_mailed(uow.session, post) for post in posts] == [True, True, True, False]
        kept, row = await uow.session.get_one(Project, project.id), await uow.session.get_one(Blogpost, posts[3].id)
        # The day after, too: what was not mailed is not when it is changed.
        await uow.session.execute(text("UPDATE mailing SET created = created - interval '2 days'"))
        await blog.update(uow.session, Actor(user_id=owner.id), kept, row, {"body": "Corrected"})
    await write(database, project, owner)
    await do_jobs(mailing)
    assert len(mailbox.letters) == 4


async def test_nobody_is_told_of_a_post_that_cannot_be_read(
    database: Database, mailing: Settings, mailbox: Mailbox, owner: User, project: Project
) -> None:
    await people(database, project, name="ann")
    async with database.unit() as uow:
        (await uow.session.get_one(Project, project.id)).published = False
    await write(database, project, owner)
    await do_jobs(mailing)
    async with database.unit() as uow:
        (await uow.session.get_one(User, owner.id)).pro = False
        (await uow.session.get_one(Project, project.id)).published = True
    await write(database, project, owner)
    await do_jobs(mailing)
    assert mailbox.letters == [], "for pro users alone, as the settings say"


async def test_a_bulk_mail_goes_on_where_it_was_cut_short_and_passes_nobody_twice(
    database: Database,
    mailing: Settings,
    mailbox: Mailbox,
    project: Project,
    owner: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mailings, "STEP", 2)
    wanted = sorted([(await people(database, project)).email_addr for _n in range(7)])
    await write(database, project, owner)
    async with database.unit(read_only=True) as uow:
        [mailing_row] = (await uow.session.scalars(select(Mailing))).all()

    steps, real = 0, mailings._next_step

    async def cut_short(*arguments: Any) -> Any:
        nonlocal steps
        steps += 1
        step = await real(*arguments)
        if steps == 3:
            raise KeyboardInterrupt
        return step

    monkeypatch.setattr(mailings, "_next_step", cut_short)
    with pytest.raises(KeyboardInterrupt):
        await mailings.go_on(database, mailing, mailing_row.id)
    async with database.unit(read_only=True) as uow:
        assert len((await uow.session.scalars(select(Mail.id))).all()) == 4, "two whole steps"

    await do_jobs(mailing)
    await mailings.go_on(database, mailing, mailing_row.id)
    await do_jobs(mailing)
    assert addresses(mailbox) == wanted


async def test_owners_have_their_week(
    database: Database, mailing: Settings, mailbox: Mailbox, owner: User, project: Project
) -> None:
    async with database.unit() as uow:
        await uow.session.execute(
            text("INSERT INTO project_day (project_id, day, n_runs, n_completed) VALUES (:p, current_date - 2, 9, 4)"),
            {"p": project.id},
        )
        poor = await make_user(uow.session, subscribed=True)
        await make_tasks(uow.session, await make_project(uow.session, poor), 1)
        await make_tasks(uow.session, await make_project(uow.session, owner, published=False), 1)
    for _twice in range(2):
        await periodic.begin_weekly(database, mailing)
        await do_jobs(mailing)
    [letter] = mailbox.letters
    assert letter["Subject"] == "The week of Stars"
    said = text_of(letter)
    assert "9 answers came to Stars last week." in said
    assert "Most tasks completed on a day: 4" in said and "Tasks completed: 0 / 2" in said
    assert letter["List-Unsubscribe"]


async def test_people_are_missed_four_times_a_year(
    database: Database, mailing: Settings, mailbox: Mailbox, project: Project, owner: User
) -> None:
    ann = await people(database, project, days_ago=120)
    await people(database, project, days_ago=30)
    await people(database, project, days_ago=500)
    ben = await people(database, None, created=datetime.now(UTC) - 40 * DAY)
    await people(database, None)
    for _twice in range(2):
        await periodic.begin(database, mailing, *periodic.QUARTERLY)
        await do_jobs(mailing)
    assert {(str(one["To"]), str(one["Subject"])) for one in mailbox.letters} == {
        (ann.email_addr, "We miss you at Workbee"),
        (ben.email_addr, "Your first answer at Workbee"),
    }
    assert len(mailbox.letters) == 2


async def test_accounts_that_nobody_uses_are_told_and_then_removed(
    database: Database, mailing: Settings, mailbox: Mailbox, project: Project, owner: User
) -> None:
    keeping = mailing.model_copy(update={"inactive_months": 5, "inactive_delete_days": 30})
    files = FileStore(database, Storage.in_folder(mailing.data_dir / "uploads"))
    ann = await people(database, project, days_ago=200, subscribed=False)
    back = await people(database, project, days_ago=200)
    await people(database, project, days_ago=100)
    await people(database, project, days_ago=200, admin=True)
    await people(database, project, days_ago=200, restrict=True)
    await people(database, None, created=datetime.now(UTC) - 900 * DAY)
    async with database.unit() as uow:
        n_before = len((await uow.session.scalars(select(User.id))).all())
        (await uow.session.get_one(ContributorProgress, (project.id, f"user:{back.id}"))).n_runs = 2

    await periodic.warn_inactive(database, mailing)
    await do_jobs(mailing)
    assert mailbox.letters == [], "off by default"
    await periodic.warn_inactive(database, keeping)
    async with database.unit() as uow:
        [waiting] = (await uow.session.scalars(select(Mailing).where(Mailing.finished.is_(None)))).all()
    await mailings.go_on(database, keeping, waiting.id)
    async with database.unit() as uow:
        await uow.session.execute(
            text("UPDATE users SET notified_at = current_date - 31 WHERE id = :id"), {"id": ann.id}
        )
    assert await periodic.remove_inactive(database, files, keeping) == 0, "nobody has been told yet: the mails wait"
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE users SET notified_at = current_date WHERE id = :id"), {"id": ann.id})
    await do_jobs(keeping)
    assert addresses(mailbox) == sorted([ann.email_addr, back.email_addr])
    assert "30 days" in text_of(mailbox.letters[0])
    assert await periodic.remove_inactive(database, files, keeping) == 0, "they have time"

    mailbox.letters.clear()
    async with database.unit() as uow:
        await uow.session.execute(
            text("UPDATE users SET notified_at = current_date - 31 WHERE notified_at IS NOT NULL")
        )
        (await uow.session.get_one(User, back.id)).notified_at = None
    assert await periodic.remove_inactive(database, files, mailing) == 0
    assert await periodic.remove_inactive(database, files, keeping) == 1
    await do_jobs(keeping)
    assert addresses(mailbox) == [ann.email_addr]
    assert "it was not used" in text_of(mailbox.letters[0])
    async with database.unit(read_only=True) as uow:
        left = (await uow.session.scalars(select(User.id))).all()
    assert (ann.id in left, len(left)) == (False, n_before - 1)


async def test_projects_that_nothing_comes_of_become_drafts(
    database: Database, mailing: Settings, mailbox: Mailbox, owner: User, project: Project
) -> None:
    long_ago = datetime.now(UTC) - 100 * DAY
    async with database.unit() as uow:
        silent = await make_user(uow.session, subscribed=True, consent=False)
        others = [
            await make_project(uow.session, silent, updated=long_ago),
            await make_project(uow.session, owner, name="Fresh"),
            await make_project(uow.session, owner, name="Busy", updated=long_ago),
            await make_project(uow.session, owner, name="Told", updated=long_ago, contacted=True),
        ]
        last = await make_project(uow.session, owner, name="Idle", short_name="idle", updated=long_ago)
        await uow.session.execute(
            text("UPDATE project_counter SET n_completed_tasks = 1 WHERE project_id = :p AND shard = 0"),
            {"p": others[2].id},
        )
    await periodic.unpublish_idle(database, mailing.model_copy(update={"unpublish_idle_projects": False}))
    await do_jobs(mailing)
    for _twice in range(2):
        await periodic.unpublish_idle(database, mailing)
        await do_jobs(mailing)
    [letter] = mailbox.letters
    assert letter["Subject"] == "Your project Idle is a draft again"
    async with database.unit(read_only=True) as uow:
        drafts = (await uow.session.scalars(select(Project.id).where(~Project.published))).all()
        assert list(drafts) == [last.id], "an owner without consent ends it for nobody else (gaps 2.16)"
        assert (await uow.session.get_one(Project, last.id)).contacted
        [line] = (await uow.session.scalars(select(Auditlog))).all()
    assert (line.attribute, line.user_name) == ("published", "Workbee")


class Down:
    """A project's server that answers 500."""

    async def post_json(self, _url: str, _body: bytes, _headers: dict[str, str]) -> tuple[int, str]:
        return 500, "no"


async def test_a_broken_webhook_is_told_once_a_day(
    database: Database, mailing: Settings, mailbox: Mailbox, owner: User, project: Project
) -> None:
    async with database.unit() as uow:
        admin = await make_user(uow.session, admin=True)
        (await uow.session.get_one(Project, project.id)).webhook = "https://stars.example/hook"
    for task_id in (1, 2, 3):
        await webhooks.deliver(database, Down(), project.id, task_id, 1, "2026-12-01 00:00:00")  # type: ignore[arg-type]
    await do_jobs(mailing)
    assert addresses(mailbox) == sorted([owner.email_addr, admin.email_addr])
    assert "status 500" in text_of(mailbox.letters[0])
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE mail SET created = now() - interval '25 hours'"))
    await webhooks.deliver(database, Down(), project.id, 4, 1, "2026-12-01 00:00:00")  # type: ignore[arg-type]
    await do_jobs(mailing)
    assert len(mailbox.letters) == 4


async def test_administrators_are_told_of_jobs_that_were_given_up_once_a_week(
    database: Database, mailing: Settings, mailbox: Mailbox
) -> None:
    async with database.unit() as uow:
        admin = await make_user(uow.session, admin=True)
        await make_user(uow.session)
    for name in ("import_tasks", "import_tasks", "mend_figures", outbox.SEND):
        await failed_jobs.tell(database, name, ValueError("what went wrong"))
    await do_jobs(mailing)
    assert addresses(mailbox) == [admin.email_addr] * 2
    assert "what went wrong" in text_of(mailbox.letters[0])


async def test_nothing_is_begun_where_no_mail_is_sent(
    database: Database, settings: Settings, mailing: Settings
) -> None:
    for quiet in (settings, mailing.model_copy(update={"mail_notices": False})):
        await periodic.begin_weekly(database, quiet)
        await periodic.unpublish_idle(database, quiet)
    async with database.unit(read_only=True) as uow:
        assert (await uow.session.scalars(select(Mailing.id))).all() == []


async def test_whoever_began_an_import_is_told_how_it_ended(
    database: Database, mailing: Settings, mailbox: Mailbox, owner: User, project: Project
) -> None:
    async def source(row: TaskImport) -> IO[bytes]:
        if row.options["is_away"]:
            raise NotFound
        return BytesIO(b"question\none\ntwo\n")

    for is_away in (False, True):
        async with database.unit() as uow:
            row = TaskImport(project_id=project.id, user_id=owner.id, source="csv", options={"is_away": is_away})
            uow.session.add(row)
        for _twice in range(2):
            await task_imports.run(database, row.id, source)
    await do_jobs(mailing)
    told = {str(letter["Subject"]): text_of(letter) for letter in mailbox.letters}
    assert set(told) == {"Tasks import into Stars is done", "Tasks import into Stars failed"}
    assert "New tasks: 2" in told["Tasks import into Stars is done"]
    assert f"/project/stars/tasks/import/{row.id}" in told["Tasks import into Stars failed"]
    assert len(mailbox.letters) == 2
