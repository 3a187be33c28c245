"""Requests as they come over the wire: in one piece, in several, and broken off."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from quart import Response

from db.models import Project
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from webapp.http.application import Application
from webapp.http.fastpath.connection import Connection

GONE = {"type": "http.disconnect"}


def part(data: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": data, "more_body": more}


@pytest.fixture
async def project(database: Database) -> Project:
    async with database.unit() as uow:
        made = await make_project(uow.session, await make_user(uow.session))
        await make_tasks(uow.session, made, 2)
        return made


def scope_of(method: str, path: str, kind: bytes = b"application/json") -> Any:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", kind), (b"accept", b"application/json")],
        "client": ("10.1.2.3", 4000),
    }


async def sent(
    app: Application, method: str, path: str, *messages: dict[str, Any], kind: bytes = b"application/json"
) -> tuple[int, Any] | None:
    """What the app answers to these messages; None if it does not."""
    waiting, answer, complete = list(messages), [], asyncio.Event()

    async def receive() -> Any:
        if waiting:
            # What has come is read before the next comes, as it is over a line.
            await asyncio.sleep(0.001)
            return waiting.pop(0)
        # As servers do: once the answer has been sent, the exchange is over.
        await complete.wait()
        return GONE

    async def send(message: Any) -> None:
        answer.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            complete.set()

    async with asyncio.timeout(10):
        await Connection(app, scope_of(method, path, kind))(receive, send)
    if not answer:
        return None
    return answer[0]["status"], orjson.loads(b"".join(message.get("body", b"") for message in answer[1:]))


async def drawn(app: Application, project: Project) -> bytes:
    """The answer to the next task, as it is sent."""
    found = await sent(app, "GET", f"/api/project/{project.id}/newtask")
    assert found is not None
    return orjson.dumps({"project_id": project.id, "task_id": found[1]["id"], "info": "x" * 1000})


async def test_a_body_in_one_piece_and_in_several(app: Application, project: Project) -> None:
    body = await drawn(app, project)
    whole = await sent(app, "POST", "/api/taskrun", part(body))
    assert whole is not None and whole[0] == 200
    body = await drawn(app, project)
    pieces = await sent(app, "POST", "/api/taskrun", part(body[:100], more=True), part(body[100:]))
    assert pieces is not None and pieces[0] == 200 and pieces[1]["info"] == "x" * 1000


async def test_a_body_broken_off_stores_nothing(app: Application, database: Database, project: Project) -> None:
    body = await drawn(app, project)
    await sent(app, "POST", "/api/taskrun", part(body[:100], more=True), GONE)
    await sent(app, "POST", "/api/taskrun", GONE)
    assert await database.autocommit.fetch("SELECT 1 FROM task_run") == []


async def test_who_goes_away_after_sending_has_answered(app: Application, database: Database, project: Project) -> None:
    await sent(app, "POST", "/api/taskrun", part(await drawn(app, project)), GONE)
    assert len(await database.autocommit.fetch("SELECT 1 FROM task_run")) == 1


async def test_a_body_that_does_not_come_in_time_is_given_up(app: Application, project: Project) -> None:
    app.config["BODY_TIMEOUT"] = 0.05
    late = await sent(app, "POST", "/api/taskrun")
    assert late is not None and late[0] == 408


async def test_a_form_that_does_not_say_its_length_is_counted_as_it_comes(app: Application) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    piece = part(b"0" * 50_000, more=True)
    form = (part(head, more=True), *[piece] * 30, part(b"\r\n--x--\r\n"))
    refused = await sent(app, "POST", "/api/favorites", *form, kind=b"multipart/form-data; boundary=x")
    assert refused is not None and refused[0] == 413


async def test_nothing_is_received_from_who_is_turned_away(app: Application) -> None:
    """Neither where one has to sign in, nor beyond what a body says that it has."""
    for path, length, status in (("/project/new", b"9", 302), ("/account/signin", b"999999", 413)):
        received: list[int] = []
        answer: list[Any] = []

        async def receive(received: list[int] = received) -> Any:
            received.append(1)
            return part(b"x" * 1000, more=True)

        async def send(message: Any, answer: list[Any] = answer) -> None:
            answer.append(message)

        scope = scope_of("POST", path)
        scope["headers"].append((b"content-length", length))
        async with asyncio.timeout(10):
            await Connection(app, scope)(receive, send)
        assert (answer[0]["status"], received) == (status, [])


async def test_a_body_of_pieces_without_end_is_cut_off(app: Application) -> None:
    endless = [part(b"[" * 1000, more=True)] * 1000
    refused = await sent(app, "POST", "/account/signin", *endless)
    assert refused is not None and refused[0] == 413


async def test_forms_have_a_few_hundred_fields(app: Application) -> None:
    form = b"&".join(b"a%d=1" % n for n in range(201))
    refused = await sent(app, "POST", "/account/signin", part(form), kind=b"application/x-www-form-urlencoded")
    assert refused is not None and refused[0] == 413


async def test_a_stream_ends_when_its_reader_goes_away(app: Application) -> None:
    read_enough, ended = asyncio.Event(), asyncio.Event()

    async def forever() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"still here\n"
                await asyncio.sleep(0.01)
        finally:
            ended.set()

    async def stream() -> Response:
        return Response(forever())

    app.add_url_rule("/stream", "stream", stream)
    sent: list[Any] = []

    async def receive() -> Any:
        await read_enough.wait()
        return GONE

    async def send(message: Any) -> None:
        sent.append(message)
        if len(sent) == 4:
            read_enough.set()

    async with asyncio.timeout(10):
        await Connection(app, scope_of("GET", "/stream"))(receive, send)
        await ended.wait()
    assert sent[1]["body"] == b"still here\n"


async def test_what_breaks_a_stream_is_not_hidden(app: Application) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"a beginning"
        raise RuntimeError("no more")

    async def stream() -> Response:
        return Response(broken())

    app.add_url_rule("/broken", "broken", stream)

    async def receive() -> Any:
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        pass

    async with asyncio.timeout(10):
        with pytest.raises(RuntimeError, match="no more"):
            await Connection(app, scope_of("GET", "/broken"))(receive, send)


async def test_http_1_0_needs_no_host(app: Application) -> None:
    scope: Any = {
        "type": "http", "http_version": "1.0", "method": "GET", "scheme": "http", "path": "/api/",
        "query_string": b"", "headers": [], "client": ("10.1.2.3", 4000), "root_path": "",
    }  # fmt: skip
    answer: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        answer.append(message)

    await app(scope, receive, send)
    assert answer[0]["status"] == 200
    assert answer[-1]["more_body"] is False
