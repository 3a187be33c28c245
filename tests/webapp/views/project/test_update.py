"""Changing a project: its form, picture, webhook, password and secret (docs/contract/pages.md 4.2)."""

import io
from typing import Any

import pytest
from PIL import Image
from quart import Quart
from quart.datastructures import FileStorage
from sqlalchemy import select

from db.models import Auditlog, Project, User
from db.session import Database
from tests.factories import make_category, make_project, make_user
from tests.support.client import Client
from tests.webapp.views.project.conftest import As
from webapp.integrations.outbound import OutboundError
from webapp.urls import smaller_picture

UPDATE = "/project/stars/update"
FORM = {
    "name": "Stars",
    "short_name": "stars",
    "description": "Counting stars",
    "long_description": "All of them",
    "category_id": 1,
    "allow_anonymous_contributors": True,
    "zip_download": True,
    "protect": False,
    "password": "",
    "webhook": "",
}


@pytest.fixture
def hook(app: Quart, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the addresses of webhooks answer: a status, or an error."""
    answers: dict[str, Any] = {}

    async def status_of(url: str) -> int:
        answer = answers[url]
        if isinstance(answer, Exception):
            raise answer
        return int(answer)

    monkeypatch.setattr(app.extensions["workbee"].outbound, "status_of", status_of)
    return answers


async def stored(database: Database, project: Project) -> Project:
    async with database.unit(read_only=True) as uow:
        return await uow.session.get_one(Project, project.id)


async def audited(database: Database) -> dict[str, tuple[str | None, str | None]]:
    """The changes on record: attribute to (old, new)."""
    async with database.unit(read_only=True) as uow:
        rows = (await uow.session.scalars(select(Auditlog).order_by(Auditlog.id))).all()
        return {row.attribute: (row.old_value, row.new_value) for row in rows}


async def test_a_change_is_kept_and_audited(as_user: As, database: Database, owner: User, project: Project) -> None:
    async with database.unit() as uow:
        category = await make_category(uow.session)
    sent = FORM | {"description": "New words", "category_id": category.id, "allow_anonymous_contributors": False}
    answer = await as_user(owner).post(UPDATE, sent, json=True)
    assert answer.json == {
        "next": "/project/stars/",
        "status": "success",
        "flash": "Project updated!",
    }
    now = await stored(database, project)
    assert (now.description, now.category_id) == ("New words", category.id)
    assert not now.allow_anonymous_contributors
    assert now.updated > project.updated
    record = await audited(database)
    assert record["description"] == ("A question", "New words")
    assert record["allow_anonymous_contributors"] == ("true", "false")
    assert "name" not in record


async def test_json_of_the_form(as_user: As, owner: User, project: Project) -> None:
    body = (await as_user(owner).get(UPDATE, json=True)).json
    assert (body["template"], body["title"]) == ("/projects/update.html", "Project: Stars &middot; Update")
    assert body["form"].keys() == FORM.keys() | {"id", "errors", "csrf"}
    assert body["upload_form"].keys() == {"id", "avatar", "x1", "y1", "x2", "y2", "errors", "csrf"}
    assert (body["form"]["id"], body["form"]["password"]) == (project.id, None)


async def test_another_short_name_moves_the_project(as_user: As, owner: User, project: Project) -> None:
    ada = as_user(owner)
    answer = await ada.post(UPDATE, FORM | {"short_name": "suns"}, json=True)
    assert answer.json["next"] == "/project/suns/"
    assert ((await ada.get("/project/suns/")).status, (await ada.get("/project/stars/")).status) == (200, 404)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"short_name": "taken"}, "short_name"),
        ({"name": "Taken"}, "name"),
        ({"short_name": "new"}, "short_name"),
        ({"name": ""}, "name"),
        ({"description": ""}, "description"),
        ({"category_id": 9999}, "category_id"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field_and_nothing_kept(
    as_user: As, database: Database, owner: User, project: Project, wrong: dict[str, Any], field: str
) -> None:
    async with database.unit() as uow:
        await make_project(uow.session, owner, name="Taken", short_name="taken")
    answer = await as_user(owner).post(UPDATE, FORM | {"long_description": "changed"} | wrong, json=True)
    assert (answer.status, answer.json["status"]) == (200, "error")
    assert list(answer.json["form"]["errors"]) == [field]
    assert (await stored(database, project)).long_description == "A longer question"
    assert await audited(database) == {}


async def test_the_refused_form_is_shown_again_as_a_page(
    as_user: As, database: Database, owner: User, project: Project
) -> None:
    async with database.unit() as uow:
        await make_project(uow.session, owner, name="Taken", short_name="taken")
    answer = await as_user(owner).post(UPDATE, FORM | {"name": "Taken"})
    assert answer.status == 200
    assert 'value="Taken"' in answer.text and 'aria-invalid="true"' in answer.text


async def test_a_webhook_must_answer(
    as_user: As, database: Database, owner: User, project: Project, hook: dict[str, Any]
) -> None:
    ada = as_user(owner)
    hook |= {"https://a.example/": 404, "https://b.example/": OutboundError("no such host"), "https://c.example/": 200}
    errors = [
        (await ada.post(UPDATE, FORM | {"webhook": url}, json=True)).json["form"]["errors"]["webhook"]
        for url in ("https://a.example/", "https://b.example/")
    ]
    assert errors == [["Invalid URL (404)"], ["Connection error: no such host"]]
    assert (await stored(database, project)).webhook is None
    await ada.post(UPDATE, FORM | {"webhook": "https://c.example/"}, json=True)
    assert (await stored(database, project)).webhook == "https://c.example/"
    assert (await audited(database))["webhook"] == (None, "(secret)")


async def test_the_database_is_let_go_while_a_webhook_is_waited_for(
    app: Quart, as_user: As, owner: User, project: Project, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    app_services, ada, held = app.extensions["workbee"], as_user(owner), []

    async def status_of(url: str) -> int:
        held.append(app_services.database.engine.pool.checkedout())
        return 500 if "bad" in url else 200

    monkeypatch.setattr(app_services.outbound, "status_of", status_of)
    for url in ("https://bad.example/", "https://good.example/"):
        await ada.post(UPDATE, FORM | {"webhook": url}, json=True)
    assert held == [0, 0]
    assert (await stored(database, project)).webhook == "https://good.example/"


async def test_a_webhook_may_not_be_of_this_network(as_user: As, owner: User, project: Project) -> None:
    body = (await as_user(owner).post(UPDATE, FORM | {"webhook": "http://127.0.0.1:9/"}, json=True)).json
    assert "webhook" in body["form"]["errors"]


async def test_a_password_is_hashed_and_never_shown(
    as_user: As, database: Database, owner: User, project: Project
) -> None:
    ada = as_user(owner)
    await ada.post(UPDATE, FORM | {"protect": True, "password": "sesame"}, json=True)
    hashed = (await stored(database, project)).info["passwd_hash"]
    assert hashed.startswith("$argon2id$") and "sesame" not in hashed
    for page in ("", "update", "settings"):
        assert hashed not in (await ada.get(f"/project/stars/{page}", json=True)).text
    assert (await audited(database))["passwd_hash"] == (None, "(secret)")


async def test_the_password_stays_until_protection_is_taken_off(
    as_user: As, database: Database, owner: User, project: Project
) -> None:
    ada = as_user(owner)
    await ada.post(UPDATE, FORM | {"protect": True, "password": "sesame"}, json=True)
    first = (await stored(database, project)).info["passwd_hash"]
    await ada.post(UPDATE, FORM | {"protect": True}, json=True)
    assert (await stored(database, project)).info["passwd_hash"] == first
    await ada.post(UPDATE, FORM, json=True)
    assert "passwd_hash" not in (await stored(database, project)).info


@pytest.mark.parametrize("password", ["", "x"])
async def test_protection_needs_a_password(
    as_user: As, database: Database, owner: User, project: Project, password: str
) -> None:
    body = (await as_user(owner).post(UPDATE, FORM | {"protect": True, "password": password}, json=True)).json
    assert "password" in body["form"]["errors"]
    assert "passwd_hash" not in (await stored(database, project)).info


async def test_a_new_secret_key(as_user: As, database: Database, owner: User, project: Project) -> None:
    answer = await as_user(owner).post("/project/stars/resetsecretkey", json=True)
    assert answer.json["next"] == UPDATE
    assert answer.json["flash"] == "New secret key generated"
    assert (await stored(database, project)).secret_key != project.secret_key
    assert (await audited(database))["secret_key"] == ("(secret)", "(secret)")


def a_picture(size: tuple[int, int] = (1200, 900)) -> FileStorage:
    content = io.BytesIO()
    Image.new("RGB", size, "navy").save(content, "PNG")
    content.seek(0)
    return FileStorage(content, filename="sky.png", name="avatar", content_type="image/png")


async def test_a_picture_becomes_the_thumbnail(as_user: As, database: Database, owner: User, project: Project) -> None:
    ada = as_user(owner)
    sent = {"btn": "Upload", "x1": 0, "y1": 0, "x2": 800, "y2": 450}
    answer = await ada.post(UPDATE, sent, files={"avatar": a_picture()})
    assert (answer.status, answer.location) == (302, UPDATE)
    info = (await stored(database, project)).info
    assert info["thumbnail_url"] in (await ada.get("/project/stars/")).text
    shown = await ada.get("/uploads/" + info["container"] + "/" + info["thumbnail"])
    assert (shown.status, shown.headers["Content-Type"]) == (200, "image/avif")
    smaller = await ada.get(str(smaller_picture(info["thumbnail_url"])))
    for content, width in ((shown.content, 768), (smaller.content, 384)):
        with Image.open(io.BytesIO(content)) as picture:
            assert (picture.format, picture.width, picture.height) == ("AVIF", width, width * 9 // 16)


async def test_a_new_picture_takes_the_place_of_the_old(
    as_user: As, database: Database, owner: User, project: Project
) -> None:
    ada = as_user(owner)
    await ada.post(UPDATE, {"btn": "Upload"}, files={"avatar": a_picture()})
    old = (await stored(database, project)).info
    await ada.post(UPDATE, {"btn": "Upload"}, files={"avatar": a_picture()})
    for name in (old["thumbnail"], smaller_picture(old["thumbnail"])):
        assert (await ada.get(f"/uploads/{old['container']}/{name}")).status == 404


async def test_what_is_no_picture_is_refused(as_user: As, database: Database, owner: User, project: Project) -> None:
    ada = as_user(owner)
    file = FileStorage(io.BytesIO(b"<svg/>"), filename="sky.png", name="avatar", content_type="image/png")
    answer = await ada.post(UPDATE + "?response_format=json", {"btn": "Upload"}, files={"avatar": file})
    assert (answer.json["next"], answer.json["status"]) == (UPDATE, "error")
    answer = await ada.post(UPDATE + "?response_format=json", {"btn": "Upload"})
    assert answer.json["flash"] == "You must provide a file to change the thumbnail"
    assert "thumbnail" not in (await stored(database, project)).info


async def test_coowners_may_change_it_and_strangers_may_not(
    as_user: As, client: Client, database: Database, stranger: User, project: Project
) -> None:
    async with database.unit() as uow:
        friend = await make_user(uow.session)
        project.owners_ids = [*project.owners_ids, friend.id]
        await uow.session.merge(project)
    assert (await as_user(friend).post(UPDATE, FORM | {"description": "By a friend"}, json=True)).json["next"]
    pages = ("update", "settings", "tasks/settings", "coowners", "transferownership", "tasks/taskpresentereditor")
    for page in pages:
        assert (await as_user(stranger).get(f"/project/stars/{page}")).status == 403
        assert (await client.get(f"/project/stars/{page}")).status == 302
    for page in ("update", "resetsecretkey"):
        assert (await as_user(stranger).post(f"/project/stars/{page}", FORM)).status == 403
    assert (await stored(database, project)).description == "By a friend"
