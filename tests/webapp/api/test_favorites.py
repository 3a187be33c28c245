"""/api/favorites (docs/contract/api.md 2.13)."""

import asyncio
from typing import Any

import pytest

from db.models import Project, Task, User
from db.session import Database
from tests.support.client import Client


async def listed(client: Client, query: str = "") -> list[int]:
    return [task["id"] for task in (await client.api("GET", f"/api/favorites{query}")).json]


async def test_marking_and_taking_back(as_stranger: Client, stranger: User, tasks: list[Task]) -> None:
    first, _, last = (task.id for task in tasks)
    for number in (last, first, first):
        marked = await as_stranger.api("POST", "/api/favorites", {"task_id": number})
        assert (marked.status, marked.json["fav_user_ids"]) == (200, [stranger.id])
    assert await listed(as_stranger) == [first, last]
    assert await listed(as_stranger, "?limit=1&orderby=id&desc=1") == [last]
    one = (await as_stranger.api("GET", f"/api/favorites/{last}")).json
    assert one["id"] == last and one["link"].startswith("<link rel='self' title='task'")
    gone = await as_stranger.api("DELETE", f"/api/favorites/{last}")
    assert (gone.status, gone.json["id"], gone.json["fav_user_ids"]) == (200, last, [])
    assert (await as_stranger.api("DELETE", f"/api/favorites/{last}")).status == 404
    assert (await as_stranger.api("GET", f"/api/favorites/{last}")).status == 404
    assert await listed(as_stranger) == [first]


async def test_everybody_has_their_own(as_stranger: Client, as_owner: Client, tasks: list[Task]) -> None:
    await as_stranger.api("POST", "/api/favorites", {"task_id": tasks[0].id})
    assert await listed(as_owner) == []
    assert (await as_owner.api("DELETE", f"/api/favorites/{tasks[0].id}")).status == 404


async def test_two_at_once_are_both_kept(
    as_stranger: Client, as_owner: Client, stranger: User, owner: User, tasks: list[Task]
) -> None:
    body = {"task_id": tasks[0].id}
    await asyncio.gather(*(who.api("POST", "/api/favorites", body) for who in (as_stranger, as_owner) * 3))
    (task,) = (await as_owner.api("GET", "/api/favorites")).json
    assert sorted(task["fav_user_ids"]) == sorted([stranger.id, owner.id])


async def test_whoever_is_not_signed_in_has_none(client: Client, tasks: list[Task]) -> None:
    path = f"/api/favorites/{tasks[0].id}"
    for method, url, body in (
        ("GET", "/api/favorites", None),
        ("GET", path, None),
        ("POST", "/api/favorites", {"task_id": tasks[0].id}),
        ("DELETE", path, None),
    ):
        answer = await client.api(method, url, body)
        assert (answer.status, answer.json["target"]) == (401, "task")


@pytest.mark.parametrize(
    "body", [{}, {"task_id": 1, "x": 2}, {"task_id": "1"}, {"task_id": True}, {"task_id": None}, [1]]
)
async def test_bodies_that_name_no_task(client: Client, tasks: list[Task], body: Any) -> None:
    assert (await client.api("POST", "/api/favorites", body)).status == 415, "told before signing in is asked for"


async def test_tasks_that_are_not_there(as_stranger: Client, as_owner: Client, tasks: list[Task]) -> None:
    for number in (9999, -1, 2**63 - 1):
        answer = await as_stranger.api("POST", "/api/favorites", {"task_id": number})
        assert answer.status == 404
    assert (await as_stranger.api("PUT", f"/api/favorites/{tasks[0].id}", {})).json["status_code"] == 405


async def test_tasks_out_of_sight(as_stranger: Client, tasks: list[Task], database: Database, project: Project) -> None:
    marked, other = tasks[0].id, tasks[1].id
    await as_stranger.api("POST", "/api/favorites", {"task_id": marked})
    async with database.unit() as uow:
        (await uow.session.get_one(Project, project.id)).published = False
    assert await listed(as_stranger) == []
    assert (await as_stranger.api("POST", "/api/favorites", {"task_id": other})).status == 403
    assert (await as_stranger.api("DELETE", f"/api/favorites/{marked}")).json == {"id": marked}
