"""First projects wait for an administrator's look; what visitors report lands beside them."""

from collections.abc import AsyncIterator

import pytest
from quart import Quart
from sqlalchemy import select, text

from db.models import AdminAction, Project, Report, TaskRun, User
from db.session import Database
from tests.factories import leased_and_answered, make_project, make_tasks
from tests.support.client import Client
from tests.webapp.views.admin.conftest import As
from webapp.app import create_app
from webapp.config import Settings
from webapp.services.contributing.contributing import Contributor

LIST = "/admin/review"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"new_projects": "review"})


@pytest.fixture
async def app(settings: Settings, clean: None) -> AsyncIterator[Quart]:
    created = create_app(settings)
    async with created.test_app():
        yield created


@pytest.fixture
async def birds(database: Database, ann: User) -> Project:
    """A draft of Ann's that could be published, with an answer of hers."""
    async with database.unit() as uow:
        project = await make_project(
            uow.session, ann, short_name="birds", name="Birds", published=False, info={"task_presenter": "<p>?</p>"}
        )
        tasks = await make_tasks(uow.session, project, 2)
        await leased_and_answered(uow.session, project, Contributor(f"user:{ann.id}", user_id=ann.id), tasks[0].id)
    return project


async def is_published(database: Database, project: Project) -> bool:
    async with database.unit(read_only=True) as uow:
        return (await uow.session.scalars(select(Project.published).where(Project.id == project.id))).one()


async def jobs(database: Database) -> list[tuple[str, str]]:
    async with database.unit(read_only=True) as uow:
        found = await uow.session.execute(
            text("SELECT about ->> 'decision', about ->> 'word' FROM mail WHERE kind = 'review_decision'")
        )
        return [(row[0], row[1]) for row in found]


async def test_a_first_project_waits_is_sent_back_and_then_published(
    rita: Client, as_user: As, ann: User, birds: Project, database: Database
) -> None:
    hers = as_user(ann)
    assert "an administrator looks at it" in (await hers.get("/project/birds/publish")).text
    await hers.post("/project/birds/publish")
    assert not await is_published(database, birds)
    assert "An administrator looks at it" in (await hers.get("/project/birds/")).text
    assert [one["name"] for one in (await rita.get(LIST, json=True)).json["waiting"]] == ["Birds"]
    assert "waits for an administrator" in (await hers.get("/project/birds/publish")).text
    sent = (await rita.post(f"{LIST}/{birds.id}/return", {"word": "Say more, please."}, json=True)).json
    assert (sent["next"], sent["status"]) == (LIST, "success")
    assert (await rita.get(LIST, json=True)).json["waiting"] == []
    assert "Say more, please." in (await hers.get("/project/birds/publish")).text
    await hers.post("/project/birds/publish", json=True)
    assert (await rita.post(f"{LIST}/{birds.id}/publish", json=True)).json["status"] == "success"
    assert await is_published(database, birds)
    assert await jobs(database) == [("sent back", "Say more, please."), ("published", "")]
    async with database.unit(read_only=True) as uow:
        done = (await uow.session.scalars(select(AdminAction.action).order_by(AdminAction.id))).all()
        assert (await uow.session.scalars(select(TaskRun.id))).all() == [], "trial answers are removed"
    assert list(done) == ["send back", "publish"]


async def test_a_later_project_and_administrators_do_not_wait(
    rita: Client, as_user: As, ann: User, birds: Project, database: Database
) -> None:
    async with database.unit() as uow:
        await make_project(uow.session, ann, short_name="bees", published=True)
    await as_user(ann).post("/project/birds/publish", json=True)
    assert await is_published(database, birds)


async def test_an_administrator_takes_a_project_off_and_its_answers_stay(
    rita: Client, as_user: As, ann: User, birds: Project, database: Database
) -> None:
    hers = as_user(ann)
    await rita.post("/project/birds/publish", json=True)
    task = (await hers.get(f"/api/project/{birds.id}/newtask")).json
    await hers.api("POST", "/api/taskrun", {"project_id": birds.id, "task_id": task["id"], "info": "yes"})
    assert (await hers.post("/project/birds/unpublish", {"word": "x"}, json=True)).status == 403
    assert (await rita.post("/project/birds/unpublish", {"word": "Not yours."}, json=True)).json["status"] == "success"
    assert not await is_published(database, birds)
    assert await jobs(database) == [("unpublished", "Not yours.")]
    await rita.post("/project/birds/publish", json=True)
    async with database.unit(read_only=True) as uow:
        assert len((await uow.session.scalars(select(TaskRun.id))).all()) == 1


async def test_answers_to_what_an_older_workbee_published_stay_too(
    rita: Client, ann: User, birds: Project, database: Database
) -> None:
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE project SET published = true, first_published = NULL"))
    for step in ("unpublish", "publish"):
        await rita.post(f"/project/birds/{step}", json=True)
        assert await is_published(database, birds) == (step == "publish")
    async with database.unit(read_only=True) as uow:
        assert len((await uow.session.scalars(select(TaskRun.id))).all()) == 1


async def test_strangers_report_and_administrators_deal_with_it(
    rita: Client,
    as_user: As,
    client: Client,
    ann: User,
    ben: User,
    birds: Project,
    database: Database,
) -> None:
    his = as_user(ben)
    assert (await his.get(f"/report/project/{birds.id}")).status == 404, "a draft"
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE project SET published = true"))
    page = await client.get(f"/report/project/{birds.id}")
    assert page.status == 200 and "Report Birds" in page.text
    assert f"/report/project/{birds.id}" in (await client.get("/project/birds/")).text
    told = {"reason": "misleading", "text": "<b>Those are fish.</b>"}
    for who in (client, client, his):
        answer = (await who.post(f"/report/project/{birds.id}", told, json=True)).json
        assert (answer["next"], answer["status"]) == ("/project/birds/", "success")
    await his.post(f"/report/user/{ann.id}", told, json=True)
    shown = (await rita.get(LIST, json=True)).json["reports"]
    assert [(one["subject"], one["subject_name"]) for one in shown] == [
        ("project", "Birds"),
        ("project", "Birds"),
        ("user", "Ann Anders"),
    ]
    assert "&lt;b&gt;Those are fish" in (await rita.get(LIST)).text
    await rita.post(f"/admin/report/{shown[0]['id']}/close", json=True)
    assert [one["subject"] for one in (await rita.get(LIST, json=True)).json["reports"]] == ["user"]
    async with database.unit(read_only=True) as uow:
        (detail,) = (await uow.session.scalars(select(AdminAction.detail))).all()
    assert "2 reports of project" in (detail or "")


async def test_reports_without_words_are_refused_and_so_are_too_many(
    client: Client, ann: User, birds: Project, database: Database
) -> None:
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE project SET published = true"))
    place = f"/report/project/{birds.id}"
    body = (await client.post(place, {"reason": "spam", "text": ""}, json=True)).json
    assert list(body["form"]["errors"]) == ["text"]
    body = (await client.post(place, {"reason": "gossip", "text": "x"}, json=True)).json
    assert list(body["form"]["errors"]) == ["reason"]
    for path in (f"/report/nothing/{birds.id}", "/report/user/999", "/report/blogpost/999"):
        assert (await client.post(path, {"reason": "spam", "text": "x"}, json=True)).status == 404
    await client.post(place, {"reason": "spam", "text": "x"}, json=True)
    async with database.unit() as uow:
        await uow.session.execute(
            text("""INSERT INTO report (subject, subject_id, subject_name, path, reporter, reason, text)
                    SELECT 'user', n, '', '', (SELECT min(reporter) FROM report), 'spam', 'x'
                    FROM generate_series(1, 19) n""")
        )
    assert (await client.post(f"/report/user/{ann.id}", {"reason": "spam", "text": "x"}, json=True)).status == 429
    async with database.unit(read_only=True) as uow:
        assert len((await uow.session.scalars(select(Report.id))).all()) == 20


async def test_others_may_not(as_user: As, ann: User, birds: Project, database: Database) -> None:
    hers = as_user(ann)
    assert (await hers.get(LIST, json=True)).status == 403
    for path in (f"{LIST}/{birds.id}/publish", f"{LIST}/{birds.id}/return", "/admin/report/1/close"):
        assert (await hers.post(path, {"word": "x"}, json=True)).status == 403
    assert not await is_published(database, birds)
