"""A project's own page and its publication (docs/contract/pages.md 4.2, docs/contract/gaps.md 2.2)."""

import asyncio

import pytest
from sqlalchemy import func, select

from db.models import Assignment, Auditlog, Project, Result, Task, TaskRun, User, Webhook
from db.queries.projects import publishing
from db.session import Database
from tests.factories import draw_one, leased_and_answered, make_tasks, make_user
from tests.support.client import Client
from tests.support.invariants import breaches
from tests.webapp.views.project.conftest import As
from webapp.services.contributing.contributing import Contributor

ANN, BEN = (Contributor(f"anon:{name}", user_ip="10.0.0.1") for name in ("ann", "ben"))
PUBLISH = "/project/birds/publish"


@pytest.fixture
async def tried_out(database: Database, draft: Project) -> Project:
    """The draft with four tasks: one completed, one answered, one held, one untouched."""
    async with database.unit() as uow:
        first, second, third, _fourth = await make_tasks(uow.session, draft, 4, n_answers=1)
        second.n_answers = 2
        await uow.session.flush()
        await leased_and_answered(uow.session, draft, ANN, first.id)
        await leased_and_answered(uow.session, draft, ANN, second.id)
        await leased_and_answered(uow.session, draft, BEN, second.id)
        drawn = await draw_one(uow.session, draft, BEN)
        assert drawn is not None and drawn.id == third.id
        uow.session.add(Webhook(project_id=draft.id, payload={}, response="", response_status_code=200))
    return draft


async def counts(database: Database, project: Project) -> dict[str, int]:
    async with database.unit(read_only=True) as uow:
        found = {}
        for model in (Assignment, Result, TaskRun, Webhook):
            query = select(func.count()).select_from(model).where(model.project_id == project.id)
            found[model.__tablename__] = (await uow.session.scalars(query)).one()
        return found


async def published(database: Database, project: Project) -> bool:
    async with database.unit(read_only=True) as uow:
        return (await uow.session.scalars(select(Project.published).where(Project.id == project.id))).one()


async def test_publishing_forgets_what_was_tried_out(
    as_user: As, database: Database, owner: User, tried_out: Project
) -> None:
    answer = await as_user(owner).post(PUBLISH)
    assert (answer.status, answer.location) == (302, "/project/birds/")
    assert await published(database, tried_out)
    assert await counts(database, tried_out) == {"assignment": 0, "result": 0, "task_run": 0, "webhook": 0}
    async with database.unit(read_only=True) as uow:
        assert set((await uow.session.scalars(select(Task.state))).all()) == {"ongoing"}
        assert await breaches(uow.session, tried_out.id) == []
        audit = (await uow.session.scalars(select(Auditlog).where(Auditlog.attribute == "published"))).one()
        assert (audit.user_name, audit.old_value, audit.new_value) == ("ada", "false", "true")


async def test_every_task_is_handed_out_again_to_whoever_tried_it(
    as_user: As, database: Database, owner: User, tried_out: Project
) -> None:
    await as_user(owner).post(PUBLISH)
    async with database.unit() as uow:
        for _ in range(4):
            task = await draw_one(uow.session, tried_out, ANN)
            assert task is not None
            await leased_and_answered(uow.session, tried_out, ANN, task.id)
        assert await breaches(uow.session, tried_out.id) == []


async def test_publishing_again_touches_no_answer(
    as_user: As, database: Database, owner: User, project: Project
) -> None:
    async with database.unit() as uow:
        tasks = (await uow.session.scalars(select(Task.id).where(Task.project_id == project.id))).all()
        await leased_and_answered(uow.session, project, ANN, tasks[0])
    answer = await as_user(owner).post("/project/stars/publish")
    assert answer.status == 302
    assert (await counts(database, project))["task_run"] == 1


async def test_of_two_at_once_one_publishes(database: Database, tried_out: Project) -> None:
    async def publish() -> bool:
        async with database.unit() as uow:
            return await publishing.publish(uow.session, tried_out.id)

    assert sorted(await asyncio.gather(publish(), publish())) == [False, True]


async def test_the_page_says_what_will_be_removed(as_user: As, owner: User, tried_out: Project) -> None:
    ada = as_user(owner)
    assert "3 test answers will be removed" in (await ada.get(PUBLISH)).text
    body = (await ada.get(PUBLISH, json=True)).json
    assert body["template"] == "/projects/publish.html"
    assert {"project", "pro_features", "csrf"} <= body.keys()
    assert "title" not in body


async def test_without_tasks_it_cannot_be_published(
    as_user: As, database: Database, owner: User, draft: Project
) -> None:
    ada = as_user(owner)
    page = await ada.get(PUBLISH)
    assert (page.status, (await ada.post(PUBLISH)).status) == (403, 403)
    assert "This project has no tasks yet" in page.text and 'href="/project/birds/settings"' in page.text
    assert not await published(database, draft)


async def test_without_a_presenter_it_cannot_be_published(
    as_user: As, database: Database, owner: User, tried_out: Project
) -> None:
    async with database.unit() as uow:
        tried_out.info = {}
        await uow.session.merge(tried_out)
    refused = await as_user(owner).post(PUBLISH, json=True)
    assert refused.status == refused.json["code"] == 403
    assert "This project has no presenter yet" in refused.json["description"]
    assert not await published(database, tried_out)


async def test_strangers_cannot_publish(
    as_user: As, client: Client, database: Database, stranger: User, tried_out: Project
) -> None:
    assert (await as_user(stranger).post(PUBLISH)).status == 403
    async with database.unit() as uow:
        tried_out.info = {}
        await uow.session.merge(tried_out)
    refused = (await as_user(stranger).post(PUBLISH)).text
    assert "presenter" not in refused, "what is missing is the owners' business"
    anonymous = await client.post(PUBLISH)
    assert (anonymous.status, anonymous.location) == (302, "/account/signin?next=" + PUBLISH)
    assert not await published(database, tried_out)
    assert (await counts(database, tried_out))["task_run"] == 3


async def test_coowners_may_publish(as_user: As, database: Database, tried_out: Project) -> None:
    async with database.unit() as uow:
        friend = await make_user(uow.session)
        tried_out.owners_ids = [*tried_out.owners_ids, friend.id]
        await uow.session.merge(tried_out)
    assert (await as_user(friend).post(PUBLISH)).status == 302
    assert await published(database, tried_out)


async def test_the_draft_is_there_for_its_owners_alone(
    as_user: As, client: Client, owner: User, admin: User, stranger: User, draft: Project
) -> None:
    page = "/project/birds/"
    statuses = [(await who.get(page)).status for who in (as_user(owner), as_user(admin), as_user(stranger), client)]
    assert statuses == [200, 200, 403, 401]


async def test_the_owner_of_a_draft_sees_what_is_left_to_do(as_user: As, owner: User, draft: Project) -> None:
    text = (await as_user(owner).get("/project/birds/")).text
    assert "From draft to published" in text
    assert 'href="/project/birds/tasks/import"' in text


async def test_a_visitor_sees_the_project_and_the_way_in(client: Client, project: Project) -> None:
    text = (await client.get("/project/stars/")).text
    assert "<h1>Stars</h1>" in text
    assert 'href="/project/stars/newtask"' in text
    assert "From draft to published" not in text


async def test_json_of_the_project_for_a_visitor_holds_no_secret(client: Client, project: Project) -> None:
    answer = await client.get("/project/stars/", json=True)
    body = answer.json
    assert body["title"] == "Project: Stars"
    assert (body["n_tasks"], body["n_volunteers"], body["overall_progress"]) == (3, 0, 0.0)
    assert body["project"]["short_name"] == "stars"
    assert not {"secret_key", "webhook"} & body["project"].keys()
    assert "api_key" not in body["owner"]


@pytest.mark.parametrize("way", ["header", "query"])
async def test_json_of_the_project_for_its_owner_is_complete(
    as_user: As, owner: User, project: Project, way: str
) -> None:
    query = "" if way == "header" else "?response_format=json"
    body = (await as_user(owner).get(f"/project/stars/{query}", json=way == "header")).json
    assert body["project"]["secret_key"] == project.secret_key
    assert body["project"]["contrib_button"] == "can_contribute"
    assert body["owner"]["email_addr"] == "ada@example.com"


async def test_coowners_do_not_get_the_owners_key(as_user: As, database: Database, project: Project) -> None:
    async with database.unit() as uow:
        friend = await make_user(uow.session)
        project.owners_ids = [*project.owners_ids, friend.id]
        await uow.session.merge(project)
    for page in ("", "settings", "update"):
        body = (await as_user(friend).get(f"/project/stars/{page}", json=True)).json
        assert not body["owner"].get("api_key") and not body["owner"].get("email_addr"), page


async def test_an_unknown_project_is_not_there(client: Client) -> None:
    assert (await client.get("/project/nowhere/")).status == 404
