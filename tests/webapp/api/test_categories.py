"""/api/category (docs/contract/api.md 2.5)."""

from db.models import Project
from tests.support.client import Client

NEW = {"name": "New", "short_name": "new", "description": "A shelf"}


async def test_everybody_reads(client: Client) -> None:
    (thinking, sensing) = (await client.api("GET", "/api/category")).json
    assert (thinking["short_name"], sensing["short_name"]) == ("thinking", "sensing")
    assert set(thinking) == {"id", "name", "short_name", "description", "created", "info", "link"}
    assert (await client.api("GET", f"/api/category/{thinking['id']}")).json == thinking
    assert (await client.api("GET", "/api/category/999")).status == 404


async def test_administrators_write(as_admin: Client) -> None:
    made = (await as_admin.api("POST", "/api/category", NEW)).json
    path = f"/api/category/{made['id']}"
    assert made["info"] == {} and made["name"] == "New"
    assert (await as_admin.api("PUT", path, {"description": "better"})).json["description"] == "better"
    assert (await as_admin.api("DELETE", path)).status == 204
    assert (await as_admin.api("GET", path)).status == 404


async def test_nobody_else_writes(client: Client, as_owner: Client) -> None:
    for caller, status in ((client, 401), (as_owner, 403)):
        assert (await caller.api("POST", "/api/category", NEW)).status == status
        assert (await caller.api("PUT", "/api/category/1", {"name": "x"})).status == status
        assert (await caller.api("DELETE", "/api/category/1")).status == status


async def test_what_is_no_category(as_admin: Client) -> None:
    for payload, kind in (
        (NEW | {"name": None}, "DBIntegrityError"),
        (NEW | {"name": ""}, "DBIntegrityError"),
        (NEW | {"short_name": "thinking"}, "DBIntegrityError"),
        (NEW | {"info": "x"}, "DataError"),
        (NEW | {"nope": 1}, "TypeError"),
    ):
        answer = await as_admin.api("POST", "/api/category", payload)
        assert (answer.status, answer.json["exception_cls"]) == (415, kind)
    assert (await as_admin.api("POST", "/api/category", NEW | {"id": 9})).status == 400


async def test_one_in_use_stays(as_admin: Client, project: Project) -> None:
    answer = await as_admin.api("DELETE", f"/api/category/{project.category_id}")
    assert (answer.status, answer.json["exception_cls"]) == (415, "DBIntegrityError")
