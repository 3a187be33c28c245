"""/api/result (docs/contract/api.md 2.4)."""

import pytest

from db.models import Project, Task
from db.session import Database
from tests.factories import leased_and_answered
from tests.support.client import Client
from tests.support.invariants import breaches
from webapp.services.contributing.contributing import Contributor


@pytest.fixture
async def result_id(database: Database, client: Client, project: Project, tasks: list[Task]) -> int:
    """The current result of the first task, its second version: a late answer came."""
    async with database.unit() as uow:
        for name in ("ann", "ben", "cat"):
            await leased_and_answered(
                uow.session, project, Contributor(f"anon:{name}", user_ip="10.0.0.1"), tasks[0].id
            )
    (result,) = (await client.api("GET", "/api/result")).json
    return int(result["id"])


async def test_the_current_version_is_listed_unless_all_are_asked_for(client: Client, result_id: int) -> None:
    async def versions(query: str) -> list[bool]:
        return [one["last_version"] for one in (await client.api("GET", f"/api/result{query}")).json]

    assert await versions("") == await versions("?last_version=true") == [True]
    assert await versions("?last_version=false") == [False, True]


async def test_what_a_result_shows(client: Client, result_id: int, tasks: list[Task]) -> None:
    result = (await client.api("GET", f"/api/result/{result_id}?related=1")).json
    assert set(result) == {
        *("id", "created", "project_id", "task_id", "task_run_ids", "last_version", "info", "link", "links"),
        *("task", "task_runs"),
    }
    assert result["task"]["id"] == tasks[0].id and result["info"] is None
    assert [run["id"] for run in result["task_runs"]] == result["task_run_ids"]
    assert [link.split("'")[3] for link in result["links"]] == ["project", "task"]


async def test_owners_conclude(
    as_owner: Client, client: Client, result_id: int, database: Database, project: Project
) -> None:
    path = f"/api/result/{result_id}"
    assert (await as_owner.api("PUT", path, {"info": {"final": "yes", "text": "a red fox"}})).status == 200
    for query in ("info=final::yes", "fulltextsearch=1&info=text::fox"):
        assert [one["id"] for one in (await client.api("GET", f"/api/result?{query}")).json] == [result_id]
    async with database.unit(read_only=True) as uow:
        assert await breaches(uow.session, project.id) == []


async def test_nobody_else_does(
    client: Client, as_stranger: Client, as_owner: Client, as_admin: Client, result_id: int, project: Project
) -> None:
    path = f"/api/result/{result_id}"
    assert (await client.api("PUT", path, {"info": 1})).status == 401
    assert (await as_stranger.api("PUT", path, {"info": 1})).status == 403
    assert (await as_owner.api("PUT", path, {"task_run_ids": []})).status == 400
    for insider in (as_owner, as_admin):
        assert (await insider.api("DELETE", path)).status == 403
        assert (await insider.api("POST", "/api/result", {"info": {}})).status == 403
    assert (await client.api("DELETE", path)).status == 401
