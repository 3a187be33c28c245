"""/api/blogpost, /api/helpingmaterial and /api/page (docs/contract/api.md 2.8 to 2.10 and 3)."""

from collections.abc import Callable
from typing import Any

import pytest
from quart import Quart
from werkzeug.datastructures import FileStorage

from db.models import Project, User
from db.session import Database
from tests.factories import make_project
from tests.support.client import Client
from tests.support.pictures import colour_of, drawn, sent_as

POST = {"title": "Post", "body": "Body *md*"}
MATERIAL = {"info": {"key": "v"}, "media_url": "http://example.org/x.png", "priority": 0.5}
PAGE = {"slug": "start", "info": {"structure": ["a"]}}
KINDS = [("blogpost", POST), ("helpingmaterial", MATERIAL), ("page", PAGE)]
kinds = pytest.mark.parametrize(("kind", "values"), KINDS)


RED, BLUE = (1, 0, 0), (0, 0, 1)


def a_picture(colour: str = "red") -> FileStorage:
    return sent_as("u.png", drawn(colour))


def stored(app: Quart) -> list[tuple[int, ...]]:
    """The colours of the pictures that are kept."""
    folder = app.extensions["workbee"].settings.data_dir / "uploads"
    return sorted(colour_of(path.read_bytes()) for path in folder.rglob("*") if path.is_file())


@kinds
async def test_the_owner_writes(
    as_owner: Client, as_admin: Client, client: Client, project: Project, kind: str, values: dict[str, Any]
) -> None:
    sent = values | {"project_id": project.id} | ({"published": True} if kind == "blogpost" else {})
    made = await as_owner.api("POST", f"/api/{kind}", sent)
    assert made.status == 200 and sent.items() <= made.json.items() and "link" not in made.json
    path = f"/api/{kind}/{made.json['id']}"
    (seen,) = (await client.api("GET", f"/api/{kind}?project_id={project.id}")).json
    assert seen["links"] == [f"<link rel='parent' title='project' href='http://localhost/api/project/{project.id}'/>"]
    assert (await client.api("GET", path)).json == seen
    for writer, url in ((as_owner, "a"), (as_admin, "b")):
        assert (await writer.api("PUT", path, {"media_url": url})).json == made.json | {"media_url": url} | (
            {"updated": (await client.api("GET", path)).json["updated"]} if kind == "blogpost" else {}
        )
    assert (await as_owner.api("DELETE", path)).status == 204
    assert (await as_owner.api("DELETE", path)).status == 404


@kinds
async def test_nobody_else_writes(
    client: Client,
    as_stranger: Client,
    as_owner: Client,
    with_key: Callable[[User], Client],
    database: Database,
    project: Project,
    stranger: User,
    kind: str,
    values: dict[str, Any],
) -> None:
    sent = values | {"project_id": project.id}
    path = f"/api/{kind}/{(await as_owner.api('POST', f'/api/{kind}', sent)).json['id']}"
    async with database.unit() as uow:
        (await uow.session.get_one(Project, project.id)).owners_ids = [project.owner_id, stranger.id]
    co_owner = with_key(stranger)
    for caller, status in ((client, 401), (co_owner, 403)):
        assert (await caller.api("POST", f"/api/{kind}", sent)).status == status
        assert (await caller.api("PUT", path, {"info": {}})).status == status
        assert (await caller.api("DELETE", path)).status == status


@kinds
async def test_what_cannot_be_written(
    as_owner: Client, project: Project, database: Database, owner: User, kind: str, values: dict[str, Any]
) -> None:
    sent = values | {"project_id": project.id}
    for wrong, status, name in (
        ({"id": 77}, 400, "BadRequest"),
        ({"nope": 1}, 415, "TypeError"),
        ({"project_id": 9999}, 415, "AttributeError"),
        ({"info": [1]}, 415, "DataError"),
    ):
        answer = await as_owner.api("POST", f"/api/{kind}", sent | wrong)
        assert (answer.status, answer.json["exception_cls"], answer.json["target"]) == (status, name, kind)
    async with database.unit() as uow:
        other = await make_project(uow.session, owner)
    made = (await as_owner.api("POST", f"/api/{kind}", sent)).json
    assert (await as_owner.api("PUT", f"/api/{kind}/{made['id']}", {"project_id": other.id})).status == 403


@kinds
async def test_content_of_drafts_is_for_their_owners(
    client: Client,
    as_owner: Client,
    as_stranger: Client,
    database: Database,
    owner: User,
    kind: str,
    values: dict[str, Any],
) -> None:
    async with database.unit() as uow:
        draft = await make_project(uow.session, owner, published=False)
    sent = values | {"project_id": draft.id} | ({"published": True} if kind == "blogpost" else {})
    path = f"/api/{kind}/{(await as_owner.api('POST', f'/api/{kind}', sent)).json['id']}"
    assert len((await as_owner.api("GET", f"/api/{kind}")).json) == 1
    for caller, status in ((client, 401), (as_stranger, 403)):
        assert (await caller.api("GET", f"/api/{kind}?all=1")).json == []
        assert (await caller.api("GET", path)).status == status


async def test_posts_that_are_not_published_are_for_the_owners(
    client: Client, as_owner: Client, as_admin: Client, as_stranger: Client, project: Project, owner: User
) -> None:
    made = (await as_owner.api("POST", "/api/blogpost", POST | {"project_id": project.id})).json
    assert (made["published"], made["user_id"]) == (False, owner.id)
    path = f"/api/blogpost/{made['id']}"
    assert (await client.api("GET", "/api/blogpost")).json == []
    assert (await client.api("GET", path)).status == 401 and (await as_stranger.api("GET", path)).status == 403
    assert (await as_admin.api("GET", path)).status == 200
    assert (await as_owner.api("PUT", path, {"published": True})).json["updated"] > made["updated"]
    assert (await client.api("GET", path)).status == 200


@kinds
async def test_files_come_change_and_go_with_their_row(
    as_owner: Client,
    as_admin: Client,
    client: Client,
    app: Quart,
    project: Project,
    owner: User,
    kind: str,
    values: dict[str, Any],
) -> None:
    fields = values | {"project_id": project.id, "info": {"kept": 1}}
    made = (await as_owner.upload("POST", f"/api/{kind}", fields, a_picture())).json
    assert made["info"]["kept"] == 1 and made["info"]["container"] == f"user_{owner.id}"
    assert colour_of((await client.get(made["media_url"].removeprefix("http://localhost"))).content) == RED
    path = f"/api/{kind}/{made['id']}"
    changed = (await as_admin.upload("PUT", path, {"slug": "other", "title": "other"}, a_picture("blue"))).json
    assert changed["info"]["container"] == f"user_{owner.id}", "an administrator acts in the owner's name"
    assert changed["media_url"] != made["media_url"] and changed["info"]["kept"] == 1
    assert changed.get("slug") == made.get("slug") and changed.get("title") == made.get("title")
    assert stored(app) == [BLUE]
    assert (await as_owner.api("DELETE", path)).status == 204
    assert stored(app) == []


async def test_a_refused_upload_leaves_no_file(
    as_owner: Client, as_stranger: Client, app: Quart, project: Project
) -> None:
    for caller, fields, status in (
        (as_stranger, PAGE | {"project_id": project.id}, 403),
        (as_owner, {"project_id": project.id}, 415),
        (as_owner, PAGE | {"project_id": project.id, "info": "no json"}, 415),
    ):
        assert (await caller.upload("POST", "/api/page", fields, a_picture())).status == status
    assert stored(app) == []
    assert (await as_owner.api("GET", "/api/page")).json == []


async def test_naming_somebody_elses_file_does_not_remove_it(
    as_owner: Client, as_stranger: Client, app: Quart, project: Project, database: Database, stranger: User
) -> None:
    async with database.unit() as uow:
        theirs = await make_project(uow.session, stranger)
    mine = (await as_owner.upload("POST", "/api/page", PAGE | {"project_id": project.id}, a_picture())).json
    named = {"project_id": theirs.id, "slug": "x", "info": mine["info"]}
    other = (await as_stranger.api("POST", "/api/page", named)).json
    assert (await as_stranger.api("DELETE", f"/api/page/{other['id']}")).status == 204
    assert stored(app) == [RED]
