"""A link by which others may try a draft."""

import pytest
from quart import Quart

from db.models import Project, User
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Client, signed_in
from webapp.config import Settings


@pytest.fixture
async def owner(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session, name="ann")


@pytest.fixture
async def draft(database: Database, owner: User) -> Project:
    async with database.unit() as uow:
        project = await make_project(
            uow.session, owner, short_name="owls", published=False, info={"task_presenter": "<p>?</p>"}
        )
        await make_tasks(uow.session, project, 2)
    return project


async def link(hers: Client, database: Database) -> str:
    """Make one, as its owner; its path."""
    answer = await hers.post("/project/owls/tryout", {}, json=True)
    assert answer.json["status"] == "success"
    async with database.unit(read_only=True) as uow:
        project = await uow.session.get_one(Project, 1)
        path = f"/project/owls/try/{project.tryout_key}"
    assert path in (await hers.get("/project/owls/settings")).text
    return path


async def test_whoever_has_the_link_tries_the_draft_until_it_ends(
    app: Quart, settings: Settings, owner: User, draft: Project, database: Database
) -> None:
    hers, somebody, other = signed_in(app, settings, owner), Client(app), Client(app)
    assert (await somebody.get("/project/owls/newtask")).status in (302, 401, 403, 404)
    path = await link(hers, database)
    entered = await somebody.get(path)
    assert (entered.status, entered.location) == (302, "/project/owls/newtask")
    assert (await somebody.get("/project/owls/newtask")).status == 200
    drawn = await somebody.get(f"/api/project/{draft.id}/newtask", json=True)
    assert drawn.json["project_id"] == draft.id
    run = {"project_id": draft.id, "task_id": drawn.json["id"], "info": "owl"}
    assert (await somebody.post("/api/taskrun", run, json=True)).status == 200
    # Nobody else, and nothing that is the owners'.
    assert (await other.get("/project/owls/newtask")).status != 200
    assert (await somebody.get("/project/owls/settings")).status != 200
    assert (await other.get(path + "x")).status == 404
    ended = await hers.post("/project/owls/tryout", {"wanted": "no"}, json=True)
    assert ended.json["status"] == "success"
    assert (await somebody.get(f"/api/project/{draft.id}/newtask", json=True)).status in (401, 403)
    assert (await other.get(path)).status == 404


async def test_a_new_link_ends_the_one_before(
    app: Quart, settings: Settings, owner: User, draft: Project, database: Database
) -> None:
    hers, somebody = signed_in(app, settings, owner), Client(app)
    first = await link(hers, database)
    await somebody.get(first)
    assert await link(hers, database) != first
    assert (await somebody.get(f"/api/project/{draft.id}/newtask", json=True)).status in (401, 403)


async def test_only_owners_make_links_and_only_to_drafts(
    app: Quart, settings: Settings, owner: User, draft: Project, database: Database
) -> None:
    async with database.unit() as uow:
        stranger = await make_user(uow.session, name="eve")
    assert (await signed_in(app, settings, stranger).post("/project/owls/tryout", {}, json=True)).status == 403
    hers = signed_in(app, settings, owner)
    path = await link(hers, database)
    async with database.unit() as uow:
        (await uow.session.get_one(Project, draft.id)).published = True
    # It leads on like any other address of the project, and lets nobody in.
    somebody = Client(app)
    assert (await somebody.get(path)).status == 302
    assert not [name for name in somebody.cookies if "tryout" in name]
    await hers.post("/project/owls/tryout", {}, json=True)
    async with database.unit(read_only=True) as uow:
        assert (await uow.session.get_one(Project, draft.id)).tryout_key is None
