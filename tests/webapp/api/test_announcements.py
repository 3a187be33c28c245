"""/api/announcement (docs/contract/api.md 2.7)."""

from quart import Quart

from db.models import User
from tests.support.client import Client
from tests.support.pictures import drawn, sent_as

NEW = {"title": "News", "body": "Hello", "info": {"a": 1}}


async def test_administrators_write_and_everybody_reads_what_is_published(
    client: Client, as_owner: Client, as_admin: Client, admin: User
) -> None:
    out = (await as_admin.api("POST", "/api/announcement", NEW | {"published": True})).json
    kept = (await as_admin.api("POST", "/api/announcement", NEW)).json
    assert (out["user_id"], out["published"], kept["published"]) == (admin.id, True, False)
    for caller, status in ((client, 401), (as_owner, 403)):
        (seen,) = (await caller.api("GET", "/api/announcement")).json
        assert seen["id"] == out["id"] and "links" not in seen
        assert (await caller.api("GET", f"/api/announcement/{out['id']}")).json == seen
        assert (await caller.api("GET", f"/api/announcement/{kept['id']}")).status == status
    assert len((await as_admin.api("GET", "/api/announcement")).json) == 2


async def test_changing_and_removing(as_admin: Client) -> None:
    made = (await as_admin.api("POST", "/api/announcement", NEW)).json
    path = f"/api/announcement/{made['id']}"
    changed = (await as_admin.api("PUT", path, {"title": "Better"})).json
    assert changed["title"] == "Better" and changed["body"] == "Hello" and changed["updated"] > made["updated"]
    assert (await as_admin.api("DELETE", path)).status == 204
    assert (await as_admin.api("GET", path)).status == 404


async def test_nobody_else_writes(client: Client, as_owner: Client, as_admin: Client) -> None:
    made = (await as_admin.api("POST", "/api/announcement", NEW)).json
    path = f"/api/announcement/{made['id']}"
    for caller, status in ((client, 401), (as_owner, 403)):
        assert (await caller.api("POST", "/api/announcement", NEW)).status == status
        assert (await caller.api("POST", "/api/announcement", {})).status == status, "before what is missing"
        assert (await caller.api("PUT", path, {"title": "x"})).status == status
        assert (await caller.api("DELETE", path)).status == status


async def test_what_is_no_announcement(as_admin: Client) -> None:
    for key in ("id", "created", "updated", "user_id"):
        assert (await as_admin.api("POST", "/api/announcement", NEW | {key: 1})).status == 400
    for payload, kind in ((NEW | {"nope": 1}, "TypeError"), ({"title": "x"}, "DBIntegrityError")):
        assert (await as_admin.api("POST", "/api/announcement", payload)).json["exception_cls"] == kind


async def test_with_a_picture(as_admin: Client, admin: User, app: Quart) -> None:
    made = await as_admin.upload("POST", "/api/announcement", NEW, sent_as("u.png", drawn()))
    assert made.status == 200 and made.json["info"]["a"] == 1
    assert made.json["media_url"].startswith(f"http://localhost/uploads/user_{admin.id}/u-")
