"""What Workbee stands on is killed or started again while volunteers work: it recovers by itself, what was acknowledged
is there, and nothing is there twice."""

import asyncio
import json
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psutil
import pytest

from tests.support.crowd import Crowd, Habits, check_exact, children, prepare
from tests.support.listening import listening
from tests.support.server import RunningServer, running_server
from webapp.integrations.queue import PLACES, WEBHOOKS

N_TASKS, N_ANSWERS, N_PEOPLE = 60, 3, 20
Trouble = Callable[[Crowd, RunningServer], Awaitable[None]]


def postmaster(server: RunningServer) -> psutil.Process:
    [found] = children(server.process.pid, "bin/postgres")
    return found


async def kill_postgresql(crowd: Crowd, server: RunningServer) -> None:
    """As when the machine runs out of memory: the postmaster and every backend at once, without a word."""
    await crowd.until(N_TASKS)
    main = postmaster(server)
    for one in [main, *main.children()]:
        one.kill()


async def restart_postgresql(crowd: Crowd, server: RunningServer) -> None:
    """As an upgrade does: it ends every connection, writes a checkpoint and stops; the supervisor starts it again."""
    await crowd.until(N_TASKS)
    postmaster(server).send_signal(signal.SIGINT)


async def crash_a_backend(crowd: Crowd, server: RunningServer) -> None:
    """PostgreSQL throws every connection away and recovers, without ever being away itself."""
    await crowd.until(N_TASKS)
    backend = next(one for one in postmaster(server).children() if " workbee " in " ".join(one.cmdline()))
    backend.kill()


async def keep_redis_away(crowd: Crowd, server: RunningServer) -> None:
    """It is killed as often as it comes back, until many answers have come in without it."""
    await crowd.until(N_TASKS)
    before, killed = len(crowd.acknowledged), 0
    while len(crowd.acknowledged) < before + N_TASKS:
        for one in children(server.process.pid, "valkey-server"):
            one.kill()
            killed += 1
        await asyncio.sleep(0.05)
    assert killed


async def let_redis_hang(crowd: Crowd, server: RunningServer) -> None:
    """It is there and says nothing, until many answers have come in."""
    await crowd.until(N_TASKS)
    [redis] = children(server.process.pid, "valkey-server")
    redis.suspend()
    try:
        await crowd.until(len(crowd.acknowledged) + N_TASKS)
    finally:
        redis.resume()


async def kill_the_job_worker(crowd: Crowd, server: RunningServer) -> None:
    """Again and again, with jobs in its hands."""
    for share in (1, 2):
        await crowd.until(share * N_TASKS * N_ANSWERS // 2 - N_TASKS // 2)
        for one in children(server.process.pid, "cli worker"):
            one.kill()


def unexpected(server: RunningServer) -> str:
    """What its log has of failures that it did not expect."""
    return "\n".join(part[:8000] for part in server.log.read_text().split("unexpected")[1:3])


async def work_through(trouble: Trouble, server: RunningServer, seed: int, **project: Any) -> Crowd:
    """Volunteers work until all is done, with this trouble in the middle; what came of it is exact."""
    project_id, people = await prepare(
        server.database_url, n_tasks=N_TASKS, n_answers=N_ANSWERS, n_people=N_PEOPLE, **project
    )
    crowd = Crowd(server.url, project_id, random.Random(seed), Habits(leaving=0))
    async with asyncio.timeout(300):
        await asyncio.gather(crowd.work(people, N_PEOPLE), trouble(crowd, server))
    await check_exact(server.database_url, crowd, n_tasks=N_TASKS, n_answers=N_ANSWERS)
    assert crowd.statuses[500] == 0, unexpected(server)
    return crowd


def seldom(*troubles: Trouble) -> list[Any]:
    """Those that `make test-slow` makes."""
    return [pytest.param(trouble, marks=pytest.mark.slow) for trouble in troubles]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One server that goes through all of it."""
    variables = {"WORKERS": "2", "OUTBOUND_ALLOW": "127.0.0.0/8"}
    with running_server(tmp_path_factory.mktemp("restarts"), variables=variables) as started:
        yield started


@pytest.mark.parametrize("trouble", [kill_postgresql, *seldom(restart_postgresql, crash_a_backend)])
async def test_with_postgresql_gone_for_a_while_no_acknowledged_answer_is_missing(
    server: RunningServer, trouble: Trouble
) -> None:
    crowd = await work_through(trouble, server, seed=4)
    assert crowd.lost, "nobody noticed"


@pytest.mark.parametrize("trouble", [let_redis_hang, *seldom(keep_redis_away)])
async def test_with_redis_gone_contributing_goes_on(server: RunningServer, trouble: Trouble) -> None:
    crowd = await work_through(trouble, server, seed=5)
    assert not crowd.lost, f"a request failed without Redis: {crowd}"


@asynccontextmanager
async def told() -> AsyncIterator[tuple[str, Counter[int], asyncio.Event]]:
    """A project's own server: its address, how often it was told of which completed task, and when of all."""
    tasks: Counter[int] = Counter()
    all_told = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].split()[0])
        tasks[json.loads(await reader.readexactly(length))["task_id"]] += 1
        if len(tasks) == N_TASKS:
            all_told.set()
        # Long enough to be killed while it waits for the answer.
        await asyncio.sleep(0.2)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK")
        await writer.drain()
        writer.close()

    async with listening(answer) as port:
        yield f"http://127.0.0.1:{port}/done", tasks, all_told


@pytest.mark.slow
@pytest.mark.parametrize("trouble", [kill_the_job_worker, kill_postgresql])
async def test_every_completion_is_told_though_the_job_worker_is_killed(
    server: RunningServer, trouble: Trouble
) -> None:
    async with told() as (address, tasks, all_told):
        await work_through(trouble, server, seed=6, webhook=address)
        async with asyncio.timeout(120):
            await all_told.wait()
    # What was in a killed worker's hands may be told twice: whether it had arrived nobody knows.
    assert tasks.total() <= N_TASKS + 2 * PLACES[WEBHOOKS,]
