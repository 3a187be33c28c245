"""ETag, If-None-Match and If-Match: what has not changed is not sent, and nobody's change is lost (issue C, item 7)."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from db.models import Project, Task, User
from db.session import Database
from tests.factories import make_user
from tests.support.client import Client
from tests.support.served import served
from webapp.app import create_app
from webapp.config import Settings

READS = ("/api/project/{project}", "/api/task/{task}", "/api/task?project_id={project}", "/api/category", "/api/user")


@pytest.fixture
async def paths(project: Project, tasks: list[Task]) -> list[str]:
    return [path.format(project=project.id, task=tasks[0].id) for path in READS]


async def tag_of(client: Client, path: str) -> str:
    answer = await client.api("GET", path)
    assert answer.status == 200, answer.text
    return answer.headers["ETag"]


async def test_what_the_caller_has_is_not_sent_again(as_owner: Client, paths: list[str]) -> None:
    for path in paths:
        tag = await tag_of(as_owner, path)
        assert tag.startswith('"') and tag.endswith('"'), "a strong one"
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            for method in ("GET", "HEAD"):
                again = await as_owner.api(method, path, headers={"If-None-Match": known})
                assert (again.status, again.content, again.headers["ETag"]) == (304, b"", tag), (path, known)
                assert "X-RateLimit-Remaining" in again.headers
        other = await as_owner.api("GET", path, headers={"If-None-Match": '"other"'})
        assert other.status == 200 and other.json


def test_a_304_says_nothing_of_a_body(settings: Settings, clean: None) -> None:
    """Over a socket: the client in this process puts headers of its own into answers."""
    with served(create_app(settings)) as url, httpx.Client(base_url=url) as http:
        tag = http.get("/api/category").headers["ETag"]
        answer = http.get("/api/category", headers={"If-None-Match": tag})
        assert answer.status_code == 304 and not {"content-type", "content-length"} & answer.headers.keys()
        assert http.get("/api/category").json(), "the connection goes on"


async def test_head_tells_the_tag_of_get(as_owner: Client, paths: list[str]) -> None:
    for path in paths:
        head = await as_owner.api("HEAD", path)
        assert (head.status, head.headers["ETag"]) == (200, await tag_of(as_owner, path))


async def test_a_change_gives_another_tag(as_owner: Client, tasks: list[Task]) -> None:
    places = (f"/api/task/{tasks[0].id}", "/api/task")
    before = [await tag_of(as_owner, path) for path in places]
    await as_owner.api("PUT", places[0], {"info": "changed"})
    after = [await tag_of(as_owner, path) for path in places]
    assert all(old != new for old, new in zip(before, after, strict=True))
    assert (await as_owner.api("GET", places[0], headers={"If-None-Match": before[0]})).json["info"] == "changed"


async def test_who_is_shown_less_has_another_tag(as_owner: Client, client: Client, project: Project) -> None:
    path = f"/api/project/{project.id}"
    mine = await tag_of(as_owner, path)
    answer = await client.api("GET", path, headers={"If-None-Match": mine})
    assert answer.status == 200 and "secret_key" not in answer.json


async def test_refusals_have_no_tag(client: Client) -> None:
    answer = await client.api("GET", "/api/task/987654", headers={"If-None-Match": "*"})
    assert answer.status == 404 and "ETag" not in answer.headers


async def test_a_write_for_the_present_state_succeeds_and_for_a_past_one_fails(
    as_owner: Client, tasks: list[Task]
) -> None:
    path = f"/api/task/{tasks[0].id}"
    first = await tag_of(as_owner, path)
    assert (await as_owner.api("PUT", path, {"info": 1}, headers={"If-Match": first})).status == 200
    late = await as_owner.api("PUT", path, {"info": 2}, headers={"If-Match": first})
    assert (late.status, late.json["exception_cls"], late.json["action"]) == (412, "PreconditionFailed", "PUT")
    assert (await as_owner.api("DELETE", path, headers={"If-Match": first})).status == 412
    assert (await as_owner.api("GET", path)).json["info"] == 1
    second = await tag_of(as_owner, path)
    assert (await as_owner.api("PUT", path, {"info": 3}, headers={"If-Match": f"W/{second}"})).status == 200
    assert (await as_owner.api("PUT", path, {"info": 4}, headers={"If-Match": "*"})).status == 200
    assert (await as_owner.api("DELETE", path, headers={"If-Match": await tag_of(as_owner, path)})).status == 204


async def test_a_write_tells_the_tag_for_the_next(
    as_owner: Client, as_admin: Client, owner: User, project: Project, tasks: list[Task]
) -> None:
    run = {"project_id": project.id, "task_id": tasks[0].id, "info": 1}
    await as_owner.api("GET", f"/api/project/{project.id}/newtask")
    run_id = (await as_owner.api("POST", "/api/taskrun", run)).json["id"]
    page_id = (await as_owner.api("POST", "/api/page", {"project_id": project.id, "slug": "zero"})).json["id"]
    changes: dict[str, list[dict[str, Any]]] = {
        f"/api/task/{tasks[0].id}": [{"info": 1}, {"n_answers": 5}],
        f"/api/project/{project.id}": [{"description": "one"}, {"info": {"a": 1}}],
        f"/api/taskrun/{run_id}": [{"info": 2}, {"info": 3}],
        f"/api/user/{owner.id}": [{"fullname": "One"}, {"fullname": "Two"}],
        f"/api/page/{page_id}": [{"slug": "one"}, {"slug": "two"}],
    }
    for path, (first, second) in changes.items():
        tag = await tag_of(as_owner, path)
        for values in (first, second):
            answer = await as_owner.api("PUT", path, values, headers={"If-Match": tag})
            assert answer.status == 200, answer.text
            assert answer.headers["ETag"] != tag
            tag = answer.headers["ETag"]
        assert tag == await tag_of(as_owner, path), path


@pytest.mark.parametrize("methods", [("DELETE", "PUT"), ("DELETE", "DELETE")])
async def test_of_two_writes_for_one_state_that_come_together_one_wins(
    as_owner: Client, as_admin: Client, tasks: list[Task], methods: tuple[str, str]
) -> None:
    for task in tasks:
        path = f"/api/task/{task.id}"
        known = {"If-Match": await tag_of(as_owner, path)}
        first, second = methods
        answers = await asyncio.gather(
            as_owner.api(first, path, headers=known), as_admin.api(second, path, {"info": 1}, headers=known)
        )
        won, lost = sorted(answer.status for answer in answers)
        assert won in (200, 204) and lost in (404, 412), (won, lost)
        there = (await as_owner.api("GET", path)).status
        assert there == (404 if 204 in {answer.status for answer in answers} else 200)


async def test_conditions_tell_nothing_to_who_may_not_write(
    as_stranger: Client, client: Client, tasks: list[Task]
) -> None:
    path = f"/api/task/{tasks[0].id}"
    for tag in (await tag_of(client, path), '"other"'):
        assert (await as_stranger.api("PUT", path, {"info": 1}, headers={"If-Match": tag})).status == 403
        assert (await client.api("DELETE", path, headers={"If-Match": tag})).status == 401
    assert (await client.api("PUT", "/api/task/987654", {}, headers={"If-Match": "*"})).status == 404


async def test_of_two_owners_who_save_the_same_project_one_is_told(
    database: Database, with_key: Callable[[User], Client], as_owner: Client, project: Project
) -> None:
    async with database.unit() as uow:
        other = await make_user(uow.session)
        (await uow.session.get_one(Project, project.id)).owners_ids = [*project.owners_ids, other.id]
    path, partner = f"/api/project/{project.id}", with_key(other)
    for turn in range(4):
        tags = [await tag_of(as_owner, path), await tag_of(partner, path)]
        # A partner does not see the project's secret, so that their tags differ; each is good for its own caller.
        assert tags[0] != tags[1]
        answers = await asyncio.gather(
            as_owner.api("PUT", path, {"description": f"mine {turn}"}, headers={"If-Match": tags[0]}),
            partner.api("PUT", path, {"description": f"theirs {turn}"}, headers={"If-Match": tags[1]}),
        )
        assert sorted(answer.status for answer in answers) == [200, 412]
        (kept,) = (answer.json for answer in answers if answer.status == 200)
        assert (await as_owner.api("GET", path)).json["description"] == kept["description"]


async def test_other_origins_may_use_them(client: Client, tasks: list[Task]) -> None:
    allowed = (await client.api("OPTIONS", "/api/task")).headers["Access-Control-Allow-Headers"]
    assert {"If-Match", "If-None-Match"} <= {name.strip() for name in allowed.split(",")}
    assert "ETag" in (await client.api("GET", "/api/task")).headers["Access-Control-Expose-Headers"]


async def test_favourites_are_taken_back_conditionally(as_stranger: Client, tasks: list[Task]) -> None:
    await as_stranger.api("POST", "/api/favorites", {"task_id": tasks[0].id})
    path = f"/api/favorites/{tasks[0].id}"
    wrong: dict[str, Any] = {"If-Match": '"other"'}
    assert (await as_stranger.api("DELETE", path, headers=wrong)).status == 412
    assert (await as_stranger.api("DELETE", path, headers={"If-Match": await tag_of(as_stranger, path)})).status == 200
