"""External users: a project's token admits them to it, whatever else is closed there, and to nothing beyond (issue C,
item 5)."""

import base64
from collections.abc import Callable
from typing import Any

import jwt
import orjson
import pytest

from db.models import Project, User
from db.session import Database
from tests.factories import make_project, make_tasks
from tests.support.client import Answer, Client

CLOSED: dict[str, dict[str, Any]] = {
    "draft": {"published": False},
    "protected": {"info": {"task_presenter": "<p>?</p>", "passwd_hash": "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$x"}},
    "accounts only": {"allow_anonymous_contributors": False},
}


async def bearer(client: Client, project: Project) -> dict[str, str]:
    token = await client.api(
        "GET", f"/api/auth/project/{project.short_name}/token", headers={"Authorization": project.secret_key}
    )
    return {"Authorization": f"Bearer {token.text}"}


async def draw(client: Client, project: Project, headers: dict[str, str], uid: str = "ann") -> Answer:
    return await client.api("GET", f"/api/project/{project.id}/newtask?external_uid={uid}", headers=headers)


async def submit(client: Client, project: Project, task_id: int, headers: dict[str, str], uid: str = "ann") -> Answer:
    sent = {"project_id": project.id, "task_id": task_id, "info": 1, "external_uid": uid}
    return await client.api("POST", f"/api/taskrun?external_uid={uid}", sent, headers=headers)


async def progress(client: Client, project: Project, headers: dict[str, str], uid: str = "ann") -> Answer:
    path = f"/api/project/{project.short_name}/userprogress?external_uid={uid}"
    return await client.api("GET", path, headers=headers)


@pytest.fixture
async def closed(database: Database, owner: User) -> dict[str, Project]:
    """Projects that strangers do not get into, with two tasks each."""
    found = {}
    async with database.unit() as uow:
        for name, values in CLOSED.items():
            found[name] = await make_project(uow.session, owner, **values)
            await make_tasks(uow.session, found[name], 2)
    return found


async def test_the_token_admits_to_what_is_closed(client: Client, closed: dict[str, Project]) -> None:
    for name, project in closed.items():
        headers = await bearer(client, project)
        task = await draw(client, project, headers)
        assert task.status == 200 and task.json["id"], name
        run = await submit(client, project, task.json["id"], headers)
        assert (run.status, run.json["external_uid"], run.json["user_id"], run.json["user_ip"]) == (
            *(200, "ann", None, None),
        ), name
        assert (await progress(client, project, headers)).json == {"done": 1, "total": 2}, name
        assert (await progress(client, project, headers, "ben")).json == {"done": 0, "total": 2}, name
        assert (await draw(client, project, headers, "ben")).json["id"] == task.json["id"], "each is somebody else"


async def test_nobody_comes_in_without_it_or_with_another_project_s(
    client: Client, closed: dict[str, Project], project: Project
) -> None:
    other = await bearer(client, project)
    for name in ("draft", "protected"):
        place = closed[name]
        task_id = (await draw(client, place, await bearer(client, place))).json["id"]
        assert (await draw(client, place, {})).json["code"] == "invalid_header"
        assert (await draw(client, place, other)).status == 401
        for headers in ({}, other):
            assert (await submit(client, place, task_id, headers)).status == 403
            assert (await progress(client, place, headers)).status == 401, name
        plain = await client.api("GET", f"/api/project/{place.id}/newtask", headers=await bearer(client, place))
        assert plain.status == 401, "the token vouches for whom it comes with, not for the caller"


async def test_the_token_opens_nothing_but_contributing(client: Client, closed: dict[str, Project]) -> None:
    draft = closed["draft"]
    headers = await bearer(client, draft)
    for path in (f"/api/project/{draft.id}", f"/api/taskrun?project_id={draft.id}", f"/api/task?project_id={draft.id}"):
        answer = await client.api("GET", path, headers=headers)
        assert answer.status == 401 or answer.json == [], path
    assert (await client.api("PUT", f"/api/project/{draft.id}", {"name": "x"}, headers=headers)).status == 401


def part(values: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(values)).rstrip(b"=").decode()


@pytest.mark.filterwarnings("ignore:The HMAC key")
async def test_only_hs256_signs(client: Client, project: Project) -> None:
    claims = {"project_id": project.id, "short_name": project.short_name}
    unsigned = f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."
    longer = jwt.encode(claims, project.secret_key, algorithm="HS512")
    good = jwt.encode(claims, project.secret_key, algorithm="HS256")
    past = jwt.encode(claims | {"exp": 1}, project.secret_key, algorithm="HS256")
    for token in (unsigned, longer, past, good[:-2], good.rsplit(".", 1)[0] + ".", "x.y.z"):
        answer = await draw(client, project, {"Authorization": f"Bearer {token}"})
        assert (answer.status, answer.json["code"]) == (401, "Decode error"), token
    assert (await draw(client, project, {"Authorization": f"Bearer {good}"})).status == 200


async def test_publishing_clears_what_they_did(
    client: Client, as_user: Callable[[User], Client], as_owner: Client, owner: User, closed: dict[str, Project]
) -> None:
    draft = closed["draft"]
    headers = await bearer(client, draft)
    task_id = (await draw(client, draft, headers)).json["id"]
    assert (await submit(client, draft, task_id, headers)).status == 200
    browser = as_user(owner)
    await browser.post(f"/project/{draft.short_name}/publish", json=True)
    assert (await as_owner.api("GET", f"/api/project/{draft.id}")).json["published"]
    assert (await as_owner.api("GET", f"/api/taskrun?project_id={draft.id}")).json == []
    assert (await progress(client, draft, headers)).json == {"done": 0, "total": 2}
    # Leave to answer is gone with the rest: the same task must be asked for again.
    assert (await submit(client, draft, task_id, headers)).status == 403
    assert (await draw(client, draft, headers)).json["id"] == task_id
