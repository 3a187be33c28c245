"""One account, as administrators look after it."""

import pytest
from quart import Quart
from sqlalchemy import select, text

from db.models import AdminAction, User
from db.session import Database
from tests.factories import make_project
from tests.support.client import Client
from tests.webapp.views.admin.conftest import As
from webapp.config import Settings
from webapp.services.accounts.passwords import Passwords

PASSWORD = "a-good-password"


@pytest.fixture
async def ann(database: Database, ann: User, settings: Settings) -> User:
    async with database.unit() as uow:
        hashed = await Passwords(settings).hash(PASSWORD)
        await uow.session.execute(
            text("UPDATE users SET passwd_hash = :hash WHERE id = :id"), {"hash": hashed, "id": ann.id}
        )
        return await uow.session.get_one(User, ann.id)


async def signs_in(client: Client) -> dict[str, object]:
    body: dict[str, object] = (
        await client.post("/account/signin", {"email": "ann@example.org", "password": PASSWORD}, json=True)
    ).json
    return body


async def recorded(database: Database) -> list[str]:
    async with database.unit(read_only=True) as uow:
        return list((await uow.session.scalars(select(AdminAction.action).order_by(AdminAction.id))).all())


async def test_the_page_says_who_it_is(rita: Client, ann: User, database: Database) -> None:
    async with database.unit() as uow:
        await make_project(uow.session, ann, short_name="birds", name="Birds")
    body = (await rita.get(f"/admin/users/{ann.id}", json=True)).json
    assert (body["user"]["name"], body["user"]["passwd_hash"], body["is_suspended"]) == ("ann", None, False)
    assert [one["name"] for one in body["projects"]] == ["Birds"]
    assert (await rita.get("/admin/users/999", json=True)).status == 404


async def test_nobody_is_let_in_with_a_suspended_account(
    rita: Client, as_user: As, app: Quart, client: Client, ann: User, database: Database
) -> None:
    hers, script = as_user(ann), Client(app, key=ann.api_key)
    place = f"/admin/users/{ann.id}"
    assert (await hers.get("/project/new", json=True)).status == 200
    answer = await rita.post(f"{place}/suspend", {"days": 3, "reason": "Advertising"}, json=True)
    assert (answer.json["next"], answer.json["status"]) == (place, "success")
    assert (await hers.get("/project/new")).status == 302
    assert (await script.api("POST", "/api/project", {"name": "x"})).status == 401
    told = await signs_in(client)
    assert told["status"] == "error" and "Advertising" in str(told["flash"])
    assert (await rita.get(place, json=True)).json["is_suspended"] is True
    await rita.post(f"{place}/lift", json=True)
    assert (await signs_in(client))["status"] == "success"
    assert await recorded(database) == ["suspend", "lift suspension"]


async def test_a_suspension_ends_by_itself(rita: Client, client: Client, ann: User, database: Database) -> None:
    await rita.post(f"/admin/users/{ann.id}/suspend", {"days": 1, "reason": "x"}, json=True)
    async with database.unit() as uow:
        await uow.session.execute(text("UPDATE users SET suspended_until = now() - interval '1 second'"))
    assert (await signs_in(client))["status"] == "success"


async def test_sessions_are_ended(rita: Client, as_user: As, client: Client, ann: User) -> None:
    hers = as_user(ann)
    assert (await hers.get("/project/new", json=True)).status == 200
    await rita.post(f"/admin/users/{ann.id}/end-sessions", json=True)
    assert (await hers.get("/project/new")).status == 302
    assert (await signs_in(client))["status"] == "success"
    assert (await rita.get("/admin/", json=True)).status == 200, "one's own go on"


async def test_an_account_is_removed_but_not_while_it_owns_projects(
    rita: Client, ann: User, database: Database
) -> None:
    async with database.unit() as uow:
        project = await make_project(uow.session, ann, short_name="birds")
    refused = (await rita.post(f"/admin/users/{ann.id}/delete", json=True)).json
    assert refused["status"] == "error" and "handed over" in refused["flash"]
    async with database.unit() as uow:
        await uow.session.execute(text("DELETE FROM project WHERE id = :id"), {"id": project.id})
    assert (await rita.post(f"/admin/users/{ann.id}/delete", json=True)).json["next"] == "/admin/users"
    assert (await rita.get("/account/ann/")).status == 404
    assert await recorded(database) == ["delete"]


async def test_administrators_are_neither_suspended_nor_removed(
    rita: Client, admin: User, ben: User, database: Database
) -> None:
    await rita.post(f"/admin/users/add/{ben.id}", json=True)
    for path in (f"/admin/users/{ben.id}/suspend", f"/admin/users/{ben.id}/delete"):
        body = (await rita.post(path, {"days": 3, "reason": "x"}, json=True)).json
        assert body["status"] == "error"
    async with database.unit(read_only=True) as uow:
        assert (await uow.session.get_one(User, ben.id)).suspended_until is None


async def test_a_suspension_needs_a_reason_and_days(rita: Client, ann: User) -> None:
    body = (await rita.post(f"/admin/users/{ann.id}/suspend", {"days": 0, "reason": ""}, json=True)).json
    assert sorted(body["form"]["errors"]) == ["days", "reason"]


async def test_others_may_not(as_user: As, ann: User, ben: User, database: Database) -> None:
    hers = as_user(ann)
    assert (await hers.get(f"/admin/users/{ben.id}", json=True)).status == 403
    for what in ("suspend", "lift", "end-sessions", "delete"):
        assert (await hers.post(f"/admin/users/{ben.id}/{what}", {"days": 1, "reason": "x"}, json=True)).status == 403
    assert await recorded(database) == []
