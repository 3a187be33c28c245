"""Every hostile body at addresses of every kind: refused or taken, but never a failure of ours."""

from collections.abc import Callable

import pytest
from quart import Quart

from db.models import User
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.hostile.bodies import BODIES
from tests.support.client import Answer, Client

PAGES = ("/account/signin", "/account/register", "/account/forgot-password", "/project/new")
RESOURCES = ("taskrun", "task", "project", "blogpost", "category", "favorites")


async def sent(client: Client, path: str, name: str, token: str) -> Answer:
    kind, body = BODIES[name]
    headers = {"X-CSRFToken": token} | ({"Content-Type": kind} if kind else {})
    return await client._answer(await client._client.post(path, data=body, headers=client._headers(False, headers)))


@pytest.fixture
async def everybody(
    app: Quart, database: Database, as_user: Callable[[User], Client], with_key: Callable[[User], Client]
) -> list[tuple[Client, tuple[str, ...]]]:
    """Anonymous, by cookie and by key, each with the addresses that they try."""
    async with database.unit() as uow:
        owner = await make_user(uow.session)
        await make_tasks(uow.session, await make_project(uow.session, owner), 1)
    api = tuple(f"/api/{name}" for name in RESOURCES)
    return [(Client(app), api + PAGES[:3]), (as_user(owner), PAGES[3:]), (with_key(owner), api)]


async def test_no_body_is_a_failure(everybody: list[tuple[Client, tuple[str, ...]]]) -> None:
    failed = []
    for client, paths in everybody:
        token = await client.csrf()
        for path in paths:
            for name in BODIES:
                answer = await sent(client, path, name, token)
                if answer.status >= 500 or (path.startswith("/api") and not isinstance(answer.json, dict)):
                    failed.append((path, name, answer.status, answer.text[:80]))
    assert failed == []


@pytest.mark.parametrize("name", ["many lists", "many objects", "many numbers", "many keys"])
async def test_too_many_values_are_refused_before_they_are_made(
    everybody: list[tuple[Client, tuple[str, ...]]], name: str
) -> None:
    anonymous = everybody[0][0]
    token = await anonymous.csrf()
    for path in ("/api/taskrun", "/account/signin"):
        assert (await sent(anonymous, path, name, token)).status == 413


def test_there_are_enough_of_them() -> None:
    assert len(BODIES) >= 30
