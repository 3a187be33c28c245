"""Files are safe from whoever may not change what shows them: on every route, as everybody, and by every row."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from quart import Quart

from db.models import TaskImport, User
from db.queries.site.files import WITH_FILES
from db.session import Database
from tests.factories import make_project, make_user
from tests.rules.test_access import World, action_of, allows, body_of, make_world, refused, visits
from tests.support.client import Client
from tests.support.pictures import drawn, sent_as
from webapp.api import RESOURCES
from webapp.api.resource import Resource
from webapp.http.app_services import current_services
from webapp.integrations import pictures
from webapp.services.site.files import FilePlace, StoredUpload

TAKES_FILES = [one for one in RESOURCES if one.takes_files]


@pytest.fixture
async def world(app: Quart, database: Database, with_key: Callable[[User], Client]) -> World:
    return await make_world(app, database, with_key)


@pytest.fixture
async def kept(app: Quart, database: Database, world: World) -> list[StoredUpload]:
    """A file of every row that may have one, in every project."""
    files, found = current_services(app).file_store, {}
    for place in world.places.values():
        rows = {one.model: place.rows[one.name] for one in RESOURCES if one.model in WITH_FILES}
        for model, row_id in rows.items():
            if (model, row_id) in found:
                continue
            async with database.unit() as uow:
                stored = await files.store(uow, FilePlace("user_1", None), "a.png", drawn(), "image/png")
                await files.attach(uow, stored, model, row_id)
            found[model, row_id] = stored
    assert {model for model, _ in found} == set(WITH_FILES) - {TaskImport}  # no resource of the API
    return list(found.values())


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for each picture that is looked into."""
    seen: list[object] = []
    in_turn: Callable[[Any], Awaitable[Any]] = pictures._in_turn

    async def noted(work: Any) -> Any:
        seen.append(work)
        return await in_turn(work)

    monkeypatch.setattr(pictures, "_in_turn", noted)
    return seen


async def names(database: Database) -> set[str]:
    return {name for (name,) in await database.autocommit.fetch("SELECT name FROM file")}


async def send_picture(client: Client, method: str, path: str, fields: dict[str, Any], part: str, csrf: str) -> Any:
    sent = sent_as("a.png", drawn())
    return await client.upload(method, path, fields, sent, part=part, headers={"X-CSRFToken": csrf})


async def test_whoever_is_refused_neither_changes_a_file_nor_has_one_decoded(
    app: Quart, database: Database, world: World, kept: list[StoredUpload], decoded: list[object]
) -> None:
    """Refusing comes before what costs: the picture that came is not even opened."""
    tokens = {role: await client.csrf() for role, client in world.clients.items()}
    before, wrong, n_refused = await names(database), [], 0
    for rule, route, resource, path, place, role in visits(app, world):
        for method in sorted((rule.methods or set()) & {"POST", "PUT", "DELETE"}):
            if rule.rule == "/api/favorites/<int:identity>" or allows(
                world, place, role, action_of(method, route, resource)
            ):
                continue
            for part in ("file", "avatar"):
                fields = body_of(place, resource) | {"btn": "Upload"}
                answer = await send_picture(world.clients[role], method, path, fields, part, tokens[role])
                n_refused += 1
                # Where no file is taken, a form that holds one may be refused as such.
                if decoded or (answer.status < 400 and not refused(answer)):
                    wrong.append((role, method, path, answer.status, len(decoded)))
                decoded.clear()
    assert wrong == []
    assert n_refused > 100
    assert await names(database) == before
    store = current_services(app).storage
    assert all([await store.find(one.container, one.name) for one in kept])


async def test_an_answer_that_would_be_refused_is_not_decoded(world: World, decoded: list[object]) -> None:
    """Of a task that is another project's, that was never given, or of a project that is not there."""
    place = world.places["open"]
    for project_id, task_id in ((999_999, 1), (place.values["project_id"], place.values["task_id"])):
        fields: dict[str, Any] = {"project_id": project_id, "task_id": task_id, "info": {}}
        for role in ("anonymous", "owner"):
            client = world.clients[role]
            assert (await client.upload("POST", "/api/taskrun", fields, sent_as("a.png", drawn()))).status == 403
    assert decoded == []
    task = (await world.clients["owner"].api("GET", f"/api/project/{place.values['project_id']}/newtask")).json
    fields = {"project_id": place.values["project_id"], "task_id": task["id"], "info": {}}
    sent = await world.clients["owner"].upload("POST", "/api/taskrun", fields, sent_as("a.png", drawn()))
    assert (sent.status, len(decoded)) == (200, 1)


@pytest.mark.parametrize("resource", TAKES_FILES, ids=lambda one: one.name)
async def test_no_row_names_a_file_of_another(
    app: Quart,
    database: Database,
    world: World,
    kept: list[StoredUpload],
    with_key: Callable[[User], Client],
    resource: Resource,
) -> None:
    """What its writer puts into `info` and `media_url` is text, whatever becomes of the row."""
    async with database.unit() as uow:
        writer = await make_user(uow.session, admin=resource.name == "announcement")
        project = await make_project(uow.session, writer)
    client, store = with_key(writer), current_services(app).storage
    for file in kept:
        row = await _row_that_names(client, resource, project.id, file)
        path = f"/api/{resource.name}/{row['id']}"
        assert (await client.api("PUT", path, {"info": row["info"]})).status == 200
        replaced = await client.upload("PUT", path, {}, sent_as("b.png", drawn()))
        assert replaced.status == 200, replaced.text
        assert (await client.api("PUT", path, {"info": row["info"]})).status == 200
        assert (await client.api("DELETE", path)).status == 204
    assert all([await store.find(one.container, one.name) for one in kept])


async def _row_that_names(client: Client, resource: Resource, project_id: int, file: StoredUpload) -> dict[str, Any]:
    """A row of the caller's own whose `info` says that its file is this one."""
    named = {"info": {"container": file.container, "file_name": file.name}, "media_url": file.url}
    if resource.name == "taskrun":
        await client.api("POST", "/api/task", {"project_id": project_id, "n_answers": 9})
        task = (await client.api("GET", f"/api/project/{project_id}/newtask")).json
        named |= {"task_id": task["id"]}
    texts = {"title": "x", "body": "x", "slug": "x", "project_id": project_id}
    names = resource.columns().keys()
    made = await client.api("POST", f"/api/{resource.name}", named | {k: v for k, v in texts.items() if k in names})
    assert made.status == 200, made.text
    row: dict[str, Any] = made.json
    return row
