"""Probes: alive without any service, ready with both, bounded however many ask."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from quart import Quart

from tests.support.client import Client
from tests.support.listening import listening
from webapp.app import create_app
from webapp.config import Settings
from webapp.http.app_services import current_services


@asynccontextmanager
async def probed(settings: Settings, **changes: object) -> AsyncIterator[Client]:
    app = create_app(settings.model_copy(update=changes))
    async with app.test_app():
        yield Client(app)


@pytest.fixture
def nowhere() -> str:
    """A port of this machine at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


async def test_alive_and_ready(client: Client) -> None:
    for path in ("/healthz", "/readyz"):
        answer = await client.get(path)
        assert (answer.status, answer.json) == (200, {"status": "ok"})
        assert "Set-Cookie" not in answer.headers and answer.headers["Cache-Control"] == "private, no-cache"


async def test_without_a_database_it_is_alive_and_not_ready(settings: Settings, nowhere: str) -> None:
    async with probed(settings, database_url=f"postgresql://x:y@{nowhere}/z") as client:
        assert (await client.get("/healthz")).status == 200
        answer = await client.get("/readyz")
    assert answer.status == 503
    assert answer.json["exception_msg"] == "Away: the database."


async def test_without_redis_it_is_alive_and_not_ready(settings: Settings, nowhere: str) -> None:
    async with probed(settings, redis_url=f"redis://{nowhere}/0") as client:
        assert (await client.get("/healthz")).status == 200
        assert (await client.get("/readyz")).json["exception_msg"] == "Away: Redis."


async def test_services_that_say_nothing_are_waited_for_a_second(settings: Settings) -> None:
    async def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async with listening(silent) as port:
        urls = {"redis_url": f"redis://127.0.0.1:{port}/0", "database_url": f"postgresql://x:y@127.0.0.1:{port}/z"}
        async with probed(settings, **urls) as client:
            async with asyncio.timeout(3):
                answer = await client.get("/readyz")
            assert answer.json["exception_msg"] == "Away: the database, Redis."


async def test_many_who_ask_at_once_are_one_question(app: Quart, client: Client) -> None:
    autocommit = current_services(app).database.autocommit
    asked: list[str] = []
    fetch = autocommit.fetch

    async def counted(statement: str, *values: object) -> list[object]:
        asked.append(statement)
        return await fetch(statement, *values)

    autocommit.fetch = counted  # type: ignore[method-assign]
    answers = await asyncio.gather(*(client.get("/readyz") for _ in range(50)))
    assert {answer.status for answer in answers} == {200}
    assert asked == ["SELECT 1"]


async def test_probes_have_a_limit_of_their_own(settings: Settings, nowhere: str) -> None:
    """Counted in the process: also with Redis away."""
    async with probed(settings, page_rate_limit=1, redis_url=f"redis://{nowhere}/0") as client:
        answers = [await client.get("/healthz") for _ in range(21)]
        assert Counter(answer.status for answer in answers) == {200: 20, 429: 1}
        assert answers[-1].json["exception_cls"] == "TooManyRequests"
        assert (await client.get("/readyz")).status == 429


async def test_a_probe_with_a_long_query_is_refused(client: Client) -> None:
    assert (await client.get("/healthz?" + "x" * 9000)).status == 414
