"""A thousand connections at once to a real server: nobody is failed, and no more requests pass than the limit lets."""

import asyncio
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.support.server import RunningServer, running_server

CONNECTIONS = 1000
LIMIT = 300
PATIENCE_S = 60
COUNTED = ("/api/category", "/api/project/1/newtask", "/about")
"""Each counted apart: an API resource by address, draws by contributor, pages."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    limits = {"API_RATE_LIMIT": str(LIMIT), "PAGE_RATE_LIMIT": str(LIMIT), "API_RATE_WINDOW": "86400"}
    variables = limits | {"WORKERS": "2", "MAX_CONNECTIONS": str(2 * CONNECTIONS), "LOG_REQUESTS": "false"}
    with running_server(tmp_path_factory.mktemp("flood"), variables=variables) as started:
        yield started


async def statuses(url: str, path: str, n_requests: int) -> Counter[int]:
    """What these answer whose connections are all open before the first asks; each asks as often as its share is."""
    host, port = url.removeprefix("http://").split(":")
    begin, seen = asyncio.Event(), Counter[int]()

    async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await begin.wait()
        for _ in range(n_requests // CONNECTIONS):
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            seen[int(head.split()[1])] += 1
            await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
        writer.close()

    opened = [await asyncio.open_connection(host, int(port)) for _ in range(CONNECTIONS)]
    asked = [asyncio.create_task(ask(*each)) for each in opened]
    begin.set()
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*asked)
    return seen


async def test_limits_hold_in_a_flood(server: RunningServer) -> None:
    for path in COUNTED:
        seen = await statuses(server.url, path, 2 * CONNECTIONS)
        passed = 2 * CONNECTIONS - seen[429]
        assert sum(seen.values()) == 2 * CONNECTIONS and max(seen) < 500, (path, seen)
        # What a worker has reserved and not used is nobody else's: a fiftieth of the limit.
        assert 0.9 * LIMIT <= passed <= LIMIT, (path, seen)
    assert "does not answer" not in server.log.read_text()
