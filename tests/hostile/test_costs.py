"""What one anonymous request of the known bad kinds costs the process that answers it: measured from outside, on a
server as it is run."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import text

from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.hostile.bodies import BODIES, MANY, answer, nested
from tests.support.server import RunningServer, running_server

MOST_SECONDS = 0.5
MOST_BYTES = 50 * 1024 * 1024
NOMINAL_SECONDS = 0.12
"""What `work` takes on the machine that the bounds were set on."""
PATIENCE_S = 60


def work() -> int:
    return sum(number * number for number in range(2_000_000))


@pytest.fixture(scope="module")
def slowness() -> float:
    """How many times as long this machine takes, at least 1."""
    begun = time.process_time()
    work()
    return max(1.0, (time.process_time() - begun) / NOMINAL_SECONDS)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One with answers as large, and of as many values, as anybody may give."""
    with running_server(tmp_path_factory.mktemp("costs"), variables={"WORKERS": "1"}) as started:
        asyncio.run(fill(started.database_url))
        yield started


async def fill(database_url: str) -> None:
    database = Database(database_url)
    try:
        async with database.unit() as uow:
            project = await make_project(uow.session, await make_user(uow.session))
            (task,) = await make_tasks(uow.session, project, 1)
            values = {"project_id": project.id, "task_id": task.id, "text": "x" * 4_000_000}
            await uow.session.execute(text(LARGE_ANSWERS), values)
    finally:
        await database.close()


@pytest.fixture(scope="module")
def worker(server: RunningServer) -> psutil.Process:
    """The process that answers, once it has answered a little of everything."""
    with httpx.Client(base_url=server.url) as client:
        for path in ("/", "/api/task", "/search?query=a", "/account/signin"):
            client.get(path)
        for kind, body in BODIES.values():
            if len(body) < 1000:
                client.post("/api/taskrun", content=body, headers={b"Content-Type": kind.encode("latin1")})
    children = psutil.Process(server.process.pid).children(recursive=True)
    [found] = [child for child in children if any("web_worker" in word for word in child.cmdline())]
    return found


def post(path: str, body: bytes, kind: str = "application/json") -> Callable[[str], None]:
    def send(url: str) -> None:
        httpx.post(url + path, content=body, headers={"Content-Type": kind}, timeout=PATIENCE_S)

    return send


def get(path: str) -> Callable[[str], None]:
    def send(url: str) -> None:
        httpx.get(url + path, timeout=PATIENCE_S)

    return send


def raw(*pieces: bytes) -> Callable[[str], None]:
    def send(url: str) -> None:
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=PATIENCE_S) as line:
            try:
                for piece in pieces:
                    line.sendall(piece)
                while line.recv(65536):
                    pass
            except OSError:
                pass  # refused before all of it was sent

    return send


LARGE_ANSWERS = """
INSERT INTO task_run (project_id, task_id, contributor, user_ip, info)
SELECT :project_id, :task_id, 'anon:' || n, '10.0.0.1', CASE n % 2
  WHEN 0 THEN to_jsonb(CAST(:text AS text))
  ELSE (SELECT jsonb_agg('{}'::jsonb) FROM generate_series(1, 240000)) END
FROM generate_series(1, 30) n
"""
HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"
LARGE = b"[" + b"{}," * 7_000_000 + b"{}]"
ATTACKS: dict[str, Callable[[str], None]] = {
    "21 MB of {} as an answer": post("/api/taskrun", LARGE),
    "21 MB of {} as tasks": post("/api/task", LARGE),
    "21 MB of {} to sign in": post("/account/signin", LARGE),
    "4 MB of []": post("/api/taskrun", answer(b"[" + b"[]," * 1_390_000 + b"[]]")),
    "4 MB of numbers": post("/api/taskrun", answer(b"[" + b"1," * 2_000_000 + b"1]")),
    "4 MB of long numbers": post("/api/taskrun", answer(b"[" + b"0.12345678901234567," * 200_000 + b"1]")),
    "as many long numbers as there may be": post(
        "/api/taskrun", answer(b"[" + b"0.12345678901234567," * 49_000 + b"1]")
    ),
    "4 MB of quotes": post("/api/taskrun", b'"' * 4_000_000),
    "4 MB of brackets that open": post("/api/taskrun", b"[" * 4_000_000),
    "as many values as there may be": post("/api/taskrun", answer(b"[" + b"{}," * (MANY * 4 // 5) + b"{}]")),
    "as much text as there may be": post("/api/taskrun", answer(b'"' + b"x" * 4_100_000 + b'"')),
    "many deep ones": post("/api/taskrun", answer(b"[" + (nested(b"[", b"]", 90) + b",") * 2000 + b"1]")),
    "a form of many parts": post("/api/taskrun", b"--x\r\n\r\n\r\n" * 400_000, "multipart/form-data; boundary=x"),
    "a form of one long line": post("/api/taskrun", b"--x\r\n" + b"a" * 4_000_000, "multipart/form-data; boundary=x"),
    "a form of many fields": post("/account/signin", b"&a" * 30_000, "application/x-www-form-urlencoded"),
    "8,000 words": get("/search?query=" + "+".join(f"w{n}" for n in range(1500))),
    "as many words as there may be": get("/search?query=" + "+".join(f"w{n}" for n in range(20))),
    "as many pairs as there may be": get("/api/task?info=" + "|".join(f"a{n}::b" for n in range(20))),
    "large answers": get("/api/taskrun?limit=100"),
    "large answers beside their tasks": get("/api/task?limit=100&related=1"),
    "3,000,000 headers": raw(HEAD, *[b"".join(b"X-%d: b\r\n" % n for n in range(100_000))] * 30),
    "60 MB of a header": raw(HEAD + b"X-A: ", *[b"a" * 1_000_000] * 60),
    "20 MB of an address": raw(b"GET /?query=", *[b"a" * 1_000_000] * 20),
    "10,000 requests at once": raw(HEAD + b"\r\n" + (HEAD + b"\r\n") * 10_000),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_no_anonymous_request_costs_much(
    server: RunningServer, worker: psutil.Process, slowness: float, attack: Callable[[str], None]
) -> None:
    before, highest = worker.cpu_times(), peak(worker)
    attack(server.url)
    after = worker.cpu_times()
    assert (after.user + after.system) - (before.user + before.system) <= MOST_SECONDS * slowness
    assert peak(worker) - highest <= MOST_BYTES
    assert httpx.get(f"{server.url}/api/", timeout=PATIENCE_S).status_code == 200


def peak(process: psutil.Process) -> int:
    """The most memory that the process has had at any time, in bytes."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    [line] = [line for line in lines if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024
