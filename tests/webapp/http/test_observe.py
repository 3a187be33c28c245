"""What is seen of requests: ids, one line each, statements and attempts counted, nothing of what was sent."""

import logging
import re
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from quart import Quart

from db.errors import TransientError
from db.models import Project, User
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Client
from webapp.app import create_app
from webapp.config import Settings
from webapp.http.app_services import current_services
from webapp.http.application import Application
from webapp.services.contributing import contributing

OURS = re.compile(r"[0-9a-f]{16}")
Line = dict[str, Any]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is said while the test runs."""
    caplog.set_level(logging.INFO)
    return caplog


def requests(app: Quart, log: pytest.LogCaptureFixture) -> list[Line]:
    cast(Application, app).observer.close()
    written = [vars(line)["entries"] for line in log.records if line.name == "workbee.request"]
    return [dict(fields) for entries in written for _created, _level, _message, fields in entries]


def warnings(log: pytest.LogCaptureFixture) -> list[str]:
    return [line.getMessage() for line in log.records if line.levelno == logging.WARNING]


@pytest.fixture
async def project(database: Database) -> Project:
    async with database.unit() as uow:
        made = await make_project(uow.session, await make_user(uow.session, name="owner"), short_name="bees")
        await make_tasks(uow.session, made, 2)
        return made


@pytest.fixture
async def behind_a_proxy(settings: Settings, clean: None) -> AsyncIterator[Client]:
    app = create_app(settings.model_copy(update={"trusted_proxies": 1}))
    async with app.test_app():
        yield Client(app)


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/api/category", "/nowhere", "/static/none", "/api/project/x/newtask"]
)
async def test_every_answer_has_an_id(client: Client, path: str) -> None:
    first, second = [(await client.get(path)).headers["X-Request-Id"] for _ in range(2)]
    assert OURS.fullmatch(first) and OURS.fullmatch(second) and first != second


async def test_an_id_of_a_stranger_is_not_taken_over(client: Client) -> None:
    answer = await client.get("/healthz", headers={"X-Request-Id": "0123456789abcdef-mine"})
    assert OURS.fullmatch(answer.headers["X-Request-Id"])


async def test_the_id_of_a_trusted_proxy_is_taken_over(behind_a_proxy: Client) -> None:
    answer = await behind_a_proxy.get("/healthz", headers={"X-Request-Id": "6f1c2d3e-0000-4000-8000-000000000001"})
    assert answer.headers["X-Request-Id"] == "6f1c2d3e-0000-4000-8000-000000000001"


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space 1", 'quote"1234', "status=200-", "é" * 10])
async def test_an_id_that_is_none_is_replaced(behind_a_proxy: Client, given: str) -> None:
    answer = await behind_a_proxy.get("/healthz", headers={"X-Request-Id": given})
    assert OURS.fullmatch(answer.headers["X-Request-Id"])


async def test_a_draw_is_one_line(app: Quart, client: Client, project: Project, log: pytest.LogCaptureFixture) -> None:
    await client.get(f"/api/project/{project.id}/newtask")
    [said] = requests(app, log)
    assert said.pop("ms") > 0 and OURS.fullmatch(said.pop("request_id"))
    assert said == {
        "method": "GET",
        "route": "/api/project/<key>/newtask",
        "status": 200,
        "statements": 2,  # the project, which is remembered from now on, and the draw
        "attempts": 1,
        "user": "anonymous",
        "project": project.id,
    }


async def test_a_page_says_whose_and_which_it_is(
    app: Quart, as_user: Any, database: Database, project: Project, log: pytest.LogCaptureFixture
) -> None:
    async with database.unit() as uow:
        reader = await make_user(uow.session, name="reader")
    await as_user(reader).get("/project/bees/")
    [said] = requests(app, log)
    assert (said["route"], said["user"], said["project"]) == ("/project/<short_name>/", reader.id, project.id)
    assert said["statements"] > 1


async def test_a_refusal_and_an_address_of_nothing_are_lines_too(
    app: Quart, client: Client, log: pytest.LogCaptureFixture
) -> None:
    await client.get("/project/new")
    await client.get("/no/such/place?with=secrets")
    refused, unknown = requests(app, log)
    assert (refused["route"], refused["status"]) == ("/project/new", 302)
    assert (unknown["route"], unknown["status"]) == (None, 404)


async def test_nothing_that_was_sent_is_in_a_line(app: Quart, owner: User, log: pytest.LogCaptureFixture) -> None:
    client = Client(app)
    client.set_cookie("remember_token", "cookie-secret")
    await client.get(f"/api/project?api_key={owner.api_key}&name=query-secret")
    await client.get("/api/project", headers={"Authorization": str(owner.api_key)})
    await client.post("/account/signin", {"email": "mail-secret@example.org", "password": "word-secret"}, json=True)
    assert requests(app, log)
    said = " ".join(str(vars(line)) for line in log.records)
    assert "/account/signin" in said
    for secret in (str(owner.api_key), "secret", "@"):
        assert secret not in said


@pytest.fixture
async def owner(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session, name="keyholder")


async def test_a_request_that_is_tried_again_says_so(
    app: Quart, project: Project, monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture
) -> None:
    draw, failures = contributing.draw, [TransientError("a deadlock"), TransientError("a deadlock")]

    async def disturbed(*about: Any, **asked: Any) -> Any:
        if failures:
            raise failures.pop()
        return await draw(*about, **asked)

    monkeypatch.setattr(contributing, "draw", disturbed)
    assert (await Client(app).get(f"/api/project/{project.id}/newtask")).status == 200
    [said] = requests(app, log)
    assert said["attempts"] == 3
    assert warnings(log) == ["others were in the way twice (TransientError): the request is run a third time"]
    assert current_services(app).counters.retries == 2


async def test_one_retry_is_nothing_to_warn_of(
    app: Quart, project: Project, monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture
) -> None:
    draw, failures = contributing.draw, [TransientError("a deadlock")]

    async def disturbed(*about: Any, **asked: Any) -> Any:
        if failures:
            raise failures.pop()
        return await draw(*about, **asked)

    monkeypatch.setattr(contributing, "draw", disturbed)
    await Client(app).get(f"/api/project/{project.id}/newtask")
    assert warnings(log) == []
    assert requests(app, log)[0]["attempts"] == 2


async def test_probes_that_succeed_are_not_in_the_log(
    app: Quart, client: Client, log: pytest.LogCaptureFixture
) -> None:
    await client.get("/healthz")
    assert requests(app, log) == []


async def test_draws_and_answers_are_counted(app: Quart, project: Project) -> None:
    client, counters = Client(app), current_services(app).counters
    task = (await client.get(f"/api/project/{project.id}/newtask")).json
    answer = {"project_id": project.id, "task_id": task["id"], "info": 7}
    await client.api("POST", "/api/taskrun", answer)
    await client.api("POST", "/api/taskrun", answer)  # refused: it is answered
    assert (counters.draws, counters.answers) == (1, 1)


async def test_an_answer_stored_with_other_writes_is_counted_once_committed(
    app: Quart, database: Database, project: Project
) -> None:
    async with database.unit() as uow:
        (await uow.session.get_one(Project, project.id)).webhook = "https://hooks.example/done"
    client, counters = Client(app), current_services(app).counters
    task = (await client.get(f"/api/project/{project.id}/newtask")).json
    await client.api("POST", "/api/taskrun", {"project_id": project.id, "task_id": task["id"], "info": 7})
    assert counters.answers == 1
