"""A project's streams of events (docs/contract/pages.md 4.6)."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from quart import Quart
from redis.asyncio import Redis

from db.models import Project, User
from db.session import Database
from tests.factories import make_tasks
from tests.support.client import Answer, Client
from tests.support.listening import listening
from tests.webapp.views.project.conftest import As
from webapp.config import Settings
from webapp.errors import TooManyRequests, Unavailable
from webapp.http.app_services import EXTENSION, AppServices
from webapp.integrations import streams
from webapp.integrations.streams import Streams
from webapp.jobs.work import Work
from webapp.services.projects import webhooks

PRIVATE, PUBLIC = "/project/stars/privatestream", "/project/stars/publicstream"


@pytest.fixture(autouse=True)
def long_enough(monkeypatch: pytest.MonkeyPatch, short_streams: None) -> None:
    monkeypatch.setattr(streams, "LONGEST_S", 3.0)
    monkeypatch.setattr(streams, "TELL_EVERY_S", 0.05)


@pytest.fixture
def site(app: Quart) -> AppServices:
    """Of an application that passes messages on, as it does while it serves."""
    found: AppServices = app.extensions[EXTENSION]
    return found


@pytest.fixture
async def worker(settings: Settings) -> AsyncIterator[Work]:
    work = Work.of(settings)
    yield work
    await work.close()


Open = Callable[[Client, str], Awaitable["asyncio.Task[Answer]"]]


@pytest.fixture
def opened(site: AppServices) -> Open:
    async def begin(client: Client, path: str) -> "asyncio.Task[Answer]":
        n_open = site.streams.n_open
        task = asyncio.create_task(client.get(path))
        while site.streams.n_open == n_open:
            assert not task.done(), task.result().text
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)  # for Redis to know who listens
        return task

    return begin


def messages(answer: Answer) -> list[Any]:
    """All that was sent; whatever is neither a comment nor clean JSON fails."""
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/event-stream")
    lines = [line for line in answer.text.split("\n") if line]
    assert all(line.startswith((": ", "data: ")) for line in lines)
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


async def test_owners_hear_of_calls_of_the_webhook_by_whichever_process_makes_them(
    as_user: As, owner: User, project: Project, database: Database, opened: Open, worker: Work
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()

    async with listening(answer) as port:
        async with database.unit() as uow:
            row = await uow.session.get_one(Project, project.id)
            row.webhook = f"http://127.0.0.1:{port}/"
        stream = await opened(as_user(owner), PRIVATE)
        made = await webhooks.deliver(database, worker.outbound, project.id, 1, 2, "2026-12-01 00:00:00")
        assert made is not None
        await worker.tell_owners(project.id, "webhook", webhooks.shown(made))
        heard = messages(await stream)
        assert len(heard) == 1, heard
        told = heard[0]
    assert told["type"] == "webhook" and told["data"]["id"] == made.id
    assert told["data"]["payload"]["task_id"] == 1 and "+00:00" not in told["data"]["created"]


async def test_everybody_sees_progress_as_answers_come(
    client: Client, database: Database, project: Project, opened: Open, site: AppServices, app: Quart
) -> None:
    async with database.unit() as uow:
        [task] = await make_tasks(uow.session, project, 1, n_answers=1)
    stream = await opened(client, PUBLIC)
    other = Client(app)
    drawn = (await other.get(f"/api/task/{task.id}")).json
    assert drawn["id"] == task.id
    newtask = (await other.get(f"/api/project/{project.id}/newtask")).json
    run = {"project_id": project.id, "task_id": newtask["id"], "info": "yes"}
    assert (await other.api("POST", "/api/taskrun", run)).status == 200
    told = messages(await stream)
    assert [one["type"] for one in told] == ["progress"]
    assert told[0]["data"]["n_task_runs"] == 1 and told[0]["data"]["n_tasks"] == 4


async def test_private_streams_are_the_owners_and_public_ones_gated(
    as_user: As, owner: User, stranger: User, project: Project, draft: Project, client: Client
) -> None:
    assert (await as_user(stranger).get(PRIVATE)).status == 403
    assert "/account/signin" in str((await client.get(PRIVATE)).location)
    assert (await as_user(stranger).get("/project/birds/publicstream")).status == 403
    assert (await client.get("/project/none/publicstream")).status == 404


async def test_what_is_private_is_not_in_the_public_stream(
    client: Client, project: Project, opened: Open, worker: Work
) -> None:
    stream = await opened(client, PUBLIC)
    await worker.tell_owners(project.id, "webhook", {"secret": 1})
    await worker.tell_owners(project.id + 1, "webhook", {"secret": 2})
    assert messages(await stream) == []


async def test_another_site_at_the_same_redis_hears_nothing(
    client: Client, project: Project, opened: Open, settings: Settings
) -> None:
    stream = await opened(client, PUBLIC)
    redis = Redis.from_url(str(settings.redis_url))
    other = Streams(redis, settings.model_copy(update={"secret_key": "another secret of 32 characters and more"}))
    await other.publish("public", project.id, "progress", {})
    await redis.aclose()
    assert messages(await stream) == []


async def test_without_the_setting_there_are_none(as_user: As, owner: User, project: Project, app: Quart) -> None:
    services = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(services, settings=services.settings.model_copy(update={"sse": False}))
    for path in (PRIVATE, PUBLIC):
        assert (await as_user(owner).get(path)).status == 404


async def test_streams_are_bounded_and_their_places_given_back(
    client: Client, project: Project, opened: Open, site: AppServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_OF_ADDRESS", 2)
    tasks = [await opened(client, PUBLIC) for _ in range(2)]
    refused = await client.get(PUBLIC)
    assert refused.status == 429 and "Retry-After" in refused.headers
    await asyncio.gather(*tasks)
    assert site.streams.n_open == 0
    monkeypatch.setattr(streams, "MOST_OF_PROJECT", 1)
    task = await opened(client, PUBLIC)
    assert (await client.get(PUBLIC)).status == 503
    await task


async def test_rooms(site: AppServices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST", 1)
    held = site.streams.listen("public", 1, "a")
    await anext(held)
    with pytest.raises(Unavailable):
        site.streams.check_room(2, "b")
    await held.aclose()
    site.streams.check_room(2, "b")
    monkeypatch.setattr(streams, "MOST_OF_ADDRESS", 0)
    with pytest.raises(TooManyRequests):
        site.streams.check_room(2, "b")


async def test_a_quiet_stream_shows_that_it_is_alive_and_ends_with_its_process(
    client: Client, project: Project, opened: Open, site: AppServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.05)
    monkeypatch.setattr(streams, "LONGEST_S", 60)
    task = await opened(client, PUBLIC)
    site.streams.end()
    answer = await asyncio.wait_for(task, 2)
    assert answer.text.count(": still here") >= 2 and messages(answer) == []
    assert (await client.get(PUBLIC)).status == 503
