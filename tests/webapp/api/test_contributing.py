"""newtask, taskrun, hold and userprogress over HTTP (docs/contract/api.md 2.3, 4, 5)."""

from collections.abc import Callable, Iterator

import jwt
import pytest
from quart import Quart

from db.models import Project, User
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Client
from webapp.config import Settings
from webapp.services.contributing.frame_token import FrameGrant, issue_frame_token


@pytest.fixture
async def owner(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session)


@pytest.fixture
async def project(database: Database, owner: User) -> Project:
    async with database.unit() as uow:
        made = await make_project(uow.session, owner)
        await make_tasks(uow.session, made, 3)
        return made


async def test_an_anonymous_volunteer_draws_and_answers(client: Client, project: Project) -> None:
    task = (await client.api("GET", f"/api/project/{project.id}/newtask")).json
    sent = {"project_id": project.id, "task_id": task["id"], "info": {"answer": "yes"}}
    run = await client.api("POST", "/api/taskrun", sent)
    assert run.status == 200
    assert run.json["info"] == {"answer": "yes"} and run.json["user_id"] is None and run.json["user_ip"]
    assert (await client.api("GET", f"/api/project/{project.short_name}/userprogress")).json == {"done": 1, "total": 3}


async def test_an_answer_to_a_task_not_asked_for_is_refused(client: Client, project: Project) -> None:
    refused = await client.api("POST", "/api/taskrun", {"project_id": project.id, "task_id": 1, "info": 1})
    assert (refused.status, refused.json["exception_msg"]) == (403, "You must request a task first!")


async def test_the_same_submission_twice_is_one_run(client: Client, project: Project) -> None:
    task = (await client.api("GET", f"/api/project/{project.id}/newtask")).json
    sent = {"project_id": project.id, "task_id": task["id"], "info": 1}
    keyed = {"Idempotency-Key": "abc"}
    first, again = [await client.api("POST", "/api/taskrun", sent, headers=keyed) for _ in range(2)]
    assert first.status == again.status == 200 and first.json == again.json
    assert (await client.api("POST", "/api/taskrun", sent)).status == 403


async def test_nothing_left_is_an_empty_object_and_says_why(client: Client, project: Project) -> None:
    gone = await client.api("GET", f"/api/project/{project.id}/newtask?offset=99")
    assert gone.json == {} and gone.headers["X-Workbee-Left"] == "waiting"


@pytest.mark.parametrize(
    ("query", "status", "kind"),
    [("limit=x", 415, "ValueError"), ("limit=-1", 415, "DataError"), ("orderby=nosuch", 415, "AttributeError")],
)
async def test_unusable_arguments(client: Client, project: Project, query: str, status: int, kind: str) -> None:
    answer = await client.api("GET", f"/api/project/{project.id}/newtask?{query}")
    assert (answer.status, answer.json["exception_cls"], answer.json["target"]) == (status, kind, "project")


async def test_a_draft_is_for_its_owners(
    client: Client, with_key: Callable[[User], Client], database: Database, owner: User
) -> None:
    async with database.unit() as uow:
        draft = await make_project(uow.session, owner, published=False)
        await make_tasks(uow.session, draft)
    assert (await client.api("GET", f"/api/project/{draft.id}/newtask")).status == 401
    assert (await with_key(owner).api("GET", f"/api/project/{draft.id}/newtask")).json["project_id"] == draft.id


async def test_a_project_without_anonymous_volunteers_says_so_in_the_task(
    client: Client, database: Database, owner: User
) -> None:
    async with database.unit() as uow:
        closed = await make_project(uow.session, owner, allow_anonymous_contributors=False)
        await make_tasks(uow.session, closed)
    task = (await client.api("GET", f"/api/project/{closed.id}/newtask")).json
    assert task["id"] is None and "anonymous" in task["info"]["error"]


async def test_an_app_vouches_for_its_users(client: Client, project: Project) -> None:
    token = await client.api(
        "GET", f"/api/auth/project/{project.short_name}/token", headers={"Authorization": project.secret_key}
    )
    bearer = {"Authorization": f"Bearer {token.text}"}
    path = f"/api/project/{project.id}/newtask?external_uid=ann"
    task = (await client.api("GET", path, headers=bearer)).json
    sent = {"project_id": project.id, "task_id": task["id"], "info": 1, "external_uid": "ann"}
    run = await client.api("POST", "/api/taskrun?external_uid=ann", sent, headers=bearer)
    assert run.status == 200 and run.json["external_uid"] == "ann" and run.json["user_ip"] is None
    assert (await client.api("GET", path)).json["code"] == "invalid_header"


async def test_a_token_of_another_signature_vouches_for_nobody(client: Client, project: Project) -> None:
    forged = jwt.encode({"project_id": project.id, "short_name": project.short_name}, "x" * 36, algorithm="HS256")
    path = f"/api/project/{project.id}/newtask?external_uid=ann"
    answer = await client.api("GET", path, headers={"Authorization": f"Bearer {forged}"})
    assert (answer.status, answer.json["code"]) == (401, "Decode error")


def frame_headers(settings: Settings, project: Project, user: User | None = None) -> dict[str, str]:
    who = f"user:{user.id}" if user else "anon:v1"
    grant = FrameGrant(project.id, who, user.id if user else None, "10.0.0.1")
    return {"Authorization": f"Bearer {issue_frame_token(grant, settings.key('frame'))}", "Origin": "null"}


async def test_a_frame_draws_and_answers_in_its_volunteers_name(
    client: Client, project: Project, owner: User, settings: Settings
) -> None:
    headers = frame_headers(settings, project, owner)
    task = (await client.api("GET", f"/api/project/{project.id}/newtask", headers=headers)).json
    sent = {"project_id": project.id, "task_id": task["id"], "info": 1}
    run = await client.api("POST", "/api/taskrun", sent, headers=headers)
    assert (run.status, run.json["user_id"]) == (200, owner.id)


async def test_a_frame_has_none_of_its_volunteers_rights(
    client: Client, project: Project, owner: User, settings: Settings, database: Database
) -> None:
    headers = frame_headers(settings, project, owner)
    seen = await client.api("GET", f"/api/project/{project.id}", headers=headers)
    assert "secret_key" not in seen.json
    assert (await client.api("PUT", f"/api/project/{project.id}", {"name": "x"}, headers=headers)).status == 403
    assert (await client.api("POST", "/api/task", {"project_id": project.id}, headers=headers)).status == 403
    async with database.unit() as uow:
        other = await make_project(uow.session, owner)
        await make_tasks(uow.session, other)
    assert (await client.api("GET", f"/api/project/{other.id}/newtask", headers=headers)).status == 403


async def test_a_cookie_does_not_write_for_another_site(
    as_user: Callable[[User], Client], project: Project, owner: User
) -> None:
    browser = as_user(owner)
    task = (await browser.api("GET", f"/api/project/{project.id}/newtask")).json
    sent = {"project_id": project.id, "task_id": task["id"], "info": 1}
    for origin in ("https://elsewhere.example", "null"):
        assert (await browser.api("POST", "/api/taskrun", sent, headers={"Origin": origin})).status == 403
    assert (await browser.api("POST", "/api/taskrun", sent, headers={"Origin": "http://localhost"})).status == 200


async def test_the_limit_counts_each_volunteer(app: Quart, project: Project, settings: Settings) -> None:
    app_services = app.extensions["workbee"]
    object.__setattr__(app_services, "settings", settings.model_copy(update={"api_rate_limit": 3}))
    client = Client(app)
    path = f"/api/project/{project.id}/newtask"
    answers = [await client.api("GET", path) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["X-RateLimit-Remaining"] == "2" and answers[3].headers["X-RateLimit-Remaining"] == "0"
    assert answers[3].json["exception_cls"] == "TooManyRequests" and answers[3].json["target"] == path
    other = frame_headers(settings, project)
    assert (await client.api("GET", path, headers=other)).status == 200, "a proven volunteer behind the same address"


async def test_holding_a_preloaded_task(client: Client, project: Project) -> None:
    await client.api("GET", f"/api/project/{project.id}/newtask")
    lent = (await client.api("GET", f"/api/project/{project.id}/newtask?offset=1")).json
    held = await client.api("POST", f"/api/project/{project.id}/hold", {"task_id": lent["id"]})
    assert (held.status, held.json) == (200, {"held": True})
    assert (await client.api("POST", f"/api/project/{project.id}/hold", {"task_id": 999})).status == 403


async def test_the_next_task_is_drawn_while_one_is_shown(client: Client, project: Project) -> None:
    shown = (await client.api("GET", f"/api/project/{project.id}/newtask")).json["id"]
    address = f"/api/project/{project.id}/next"
    ahead = (await client.api("POST", address, {"task_id": shown, "unsent": []})).json
    assert ahead["held"] and ahead["task"]["id"] != shown
    assert (await client.api("GET", f"/api/project/{project.id}/newtask")).json["id"] == ahead["task"]["id"]
    sent = {"project_id": project.id, "task_id": shown, "info": 1}
    assert (await client.api("POST", "/api/taskrun", sent)).json["counted"]
    last = (await client.api("POST", address, {"task_id": ahead["task"]["id"], "unsent": [shown]})).json
    end = (await client.api("POST", address, {"task_id": last["task"]["id"], "unsent": [ahead["task"]["id"]]})).json
    assert end == {"held": True, "task": None, "left": "waiting"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"task_id": 999999, "unsent": []}, 403),
        ({"task_id": 2**63, "unsent": []}, 415),
        ({"task_id": True, "unsent": []}, 415),
        ({"task_id": 1}, 415),
        ({"task_id": 1, "unsent": list(range(6))}, 415),
        ({"task_id": 1, "unsent": ["2"]}, 415),
    ],
)
async def test_what_is_no_shown_task_is_refused(
    client: Client, project: Project, body: dict[str, object], status: int
) -> None:
    assert (await client.api("POST", f"/api/project/{project.id}/next", body)).status == status


UNSTORABLE = [
    (rb"half \ud83d", "half \ufffd"),
    (rb"other half \udc1d", "other half \ufffd"),
    (rb"turned \udc1d\ud83d", "turned \ufffd\ufffd"),
    (rb"whole \uD83D\udc1d", "whole \U0001f41d"),
    (rb"nul \u0000", "nul \ufffd"),
    (rb"backslashes \\\\u0000 \\\\ud83d", r"backslashes \\u0000 \\ud83d"),
    (b"no UTF-8 \xed\xa0\xbd", "no UTF-8 \ufffd\ufffd\ufffd"),
    ("\U0001f41d whole".encode(), "\U0001f41d whole"),
]


@pytest.mark.parametrize(("written", "stored"), UNSTORABLE)
async def test_an_answer_with_half_a_character_is_still_an_answer(
    client: Client, project: Project, written: bytes, stored: str
) -> None:
    task = (await client.api("GET", f"/api/project/{project.id}/newtask")).json
    body = b'{"project_id": %d, "task_id": %d, "info": {"%b": "%b"}}' % (project.id, task["id"], written, written)
    run = await client.api("POST", "/api/taskrun", body)
    assert (run.status, run.json["info"]) == (200, {stored: stored})


async def test_what_changes_in_a_project_holds_from_the_next_request_on(
    client: Client, database: Database, project: Project
) -> None:
    """Also in a process that remembers the project from the request before."""

    async def change(assignment: str) -> None:
        await database.autocommit.fetch(f"UPDATE project SET {assignment} WHERE id = $1::bigint", project.id)

    address = f"/api/project/{project.id}/newtask"
    task = (await client.api("GET", address)).json
    sent = {"project_id": project.id, "task_id": task["id"], "info": 1}
    await change("allow_anonymous_contributors = false")
    assert "anonymous" in (await client.api("GET", address)).json["info"]["error"]
    assert (await client.api("POST", "/api/taskrun", sent)).status == 401
    await change("allow_anonymous_contributors = true, published = false")
    assert (await client.api("GET", address)).status == 401
    await change("published = true")
    assert (await client.api("GET", address)).json["id"] == task["id"]
    assert (await client.api("POST", "/api/taskrun", sent)).status == 200


async def test_a_key_that_came_with_another_task_is_refused_in_words(client: Client, project: Project) -> None:
    keyed = {"Idempotency-Key": "abc"}
    answers = []
    for _ in range(2):
        task = (await client.api("GET", f"/api/project/{project.id}/newtask")).json
        sent = {"project_id": project.id, "task_id": task["id"], "info": 1}
        answers.append(await client.api("POST", "/api/taskrun", sent, headers=keyed))
    assert [one.status for one in answers] == [200, 415]
    assert answers[1].json["exception_msg"].startswith("This Idempotency-Key has come with")
    assert (await client.api("POST", "/api/taskrun", sent)).status == 200


def public_reads(app: Quart) -> Iterator[str]:
    """Every list of the API that a frame has no business of its own with."""
    for rule in app.url_map.iter_rules():
        route = getattr(app.view_functions[rule.endpoint], "workbee_route", None)
        if route and route.api and not route.frame and "GET" in (rule.methods or ()) and not rule.arguments:
            yield rule.rule


async def test_what_anybody_may_read_a_frame_reads_as_anybody(
    app: Quart, client: Client, project: Project, owner: User, settings: Settings
) -> None:
    headers = frame_headers(settings, project, owner)
    paths = list(public_reads(app))
    assert {"/api/category", "/api/user", "/api/announcement", "/api/globalstats", "/api/favorites"} <= set(paths)
    for path in paths:
        framed, anybody = await client.api("GET", path, headers=headers), await client.api("GET", path)
        assert (framed.status, framed.text) == (anybody.status, anybody.text), path
