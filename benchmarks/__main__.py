"""Drawing and answering over HTTP at two sizes, beside one indexed read through the same server, all in one run."""

import asyncio
import os
import platform
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import psutil

from tests.support.server import RunningServer, running_server

CONNECTIONS = 16
SECONDS = float(os.environ.get("BENCH_SECONDS", "10"))
SIZES = tuple(int(size) for size in os.environ.get("BENCH_SIZES", "10000,1000000").split(","))


@dataclass
class Figures:
    """What one load came to."""

    name: str
    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0.0
    server_seconds: float = 0.0
    database_seconds: float = 0.0
    errors: int = 0

    def row(self) -> str:
        n = len(self.milliseconds)
        ranked = sorted(self.milliseconds) or [0.0]
        p99 = ranked[min(n - 1, int(n * 0.99))] if n else 0.0
        median = statistics.median(ranked)
        server = 1000 * self.server_seconds / n if n else 0.0
        database = 1000 * self.database_seconds / n if n else 0.0
        rate = n / self.seconds if self.seconds else 0.0
        return (
            f"| {self.name} | {rate:.0f} | {median:.1f} | {p99:.1f} "
            f"| {server:.2f} | {database:.2f} | {server + database:.2f} | {self.errors} |"
        )


def processor_seconds(server: RunningServer) -> tuple[float, float]:
    """(server, database): user and system time so far of PostgreSQL, and of all else that the server started."""
    parent = psutil.Process(server.process.pid)
    ours = database = 0.0
    for process in [parent, *parent.children(recursive=True)]:
        try:
            times, name = process.cpu_times(), process.name()
        except psutil.NoSuchProcess:
            continue
        spent = times.user + times.system + times.children_user + times.children_system
        if name.startswith("postgres"):
            database += spent
        else:
            ours += spent
    return ours, database


async def fill(server: RunningServer, n_tasks: int) -> int:
    """A published project of so many tasks, written straight into the database; its id."""
    connection = await asyncpg.connect(server.database_url)
    try:
        owner = await connection.fetchval(
            """INSERT INTO users (name, fullname, email_addr)
               VALUES ($1::text, 'Bench', $1::text || '@example.org') RETURNING id""",
            f"bench{n_tasks}",
        )
        project: int = await connection.fetchval(
            """INSERT INTO project (name, short_name, description, owner_id, owners_ids, category_id, published)
               SELECT $1::text, $1::text, 'Bench', $2::bigint, ARRAY[$2::bigint], min(id), true FROM category
               RETURNING id""",
            f"bench{n_tasks}",
            owner,
        )
        await connection.execute(
            """INSERT INTO task (project_id, info, n_answers)
               SELECT $1::bigint, jsonb_build_object('n', n), 3 FROM generate_series(1, $2::bigint) n""",
            project,
            n_tasks,
            timeout=600,
        )
        await connection.execute("VACUUM ANALYZE task, task_slots", timeout=600)
    finally:
        await connection.close()
    return project


async def volunteers(server: RunningServer, names: list[str]) -> list[str]:
    """Accounts, by their API keys."""
    connection = await asyncpg.connect(server.database_url)
    try:
        rows = await connection.fetch(
            """INSERT INTO users (name, fullname, email_addr)
               SELECT n, n, n || '@example.org' FROM unnest($1::text[]) n RETURNING api_key""",
            names,
        )
    finally:
        await connection.close()
    return [row[0] for row in rows]


async def pairs(client: httpx.AsyncClient, project: int, key: str, end: float, figures: Figures) -> None:
    """One volunteer: draw, answer, and again."""
    headers = {"Authorization": key}
    while time.monotonic() < end:
        begun = time.perf_counter()
        drawn = await client.get(f"/api/project/{project}/newtask", headers=headers)
        task = drawn.json() if drawn.is_success else {}
        sent = {"project_id": project, "task_id": task.get("id"), "info": {"answer": 1}}
        stored = await client.post("/api/taskrun", json=sent, headers=headers)
        if stored.is_success:
            figures.milliseconds.append(1000 * (time.perf_counter() - begun))
        else:
            figures.errors += 1


async def reads(client: httpx.AsyncClient, key: str, end: float, figures: Figures) -> None:
    """To compare with: one small row by its key, through all that a request of ours goes through."""
    while time.monotonic() < end:
        begun = time.perf_counter()
        answer = await client.get("/api/category/1", headers={"Authorization": key})
        if answer.is_success:
            figures.milliseconds.append(1000 * (time.perf_counter() - begun))
        else:
            figures.errors += 1


async def measure(server: RunningServer, name: str, keys: list[str], project: int | None) -> Figures:
    figures = Figures(name)
    async with httpx.AsyncClient(
        base_url=server.url, timeout=60, limits=httpx.Limits(max_connections=CONNECTIONS)
    ) as client:
        before, begun = processor_seconds(server), time.monotonic()
        end = begun + SECONDS
        loads = [
            reads(client, key, end, figures) if project is None else pairs(client, project, key, end, figures)
            for key in keys
        ]
        await asyncio.gather(*loads)
        figures.seconds = time.monotonic() - begun
        figures.server_seconds, figures.database_seconds = (
            after - earlier for after, earlier in zip(processor_seconds(server), before, strict=True)
        )
    return figures


async def run(server: RunningServer) -> None:
    keys = await volunteers(server, [f"volunteer{number}" for number in range(CONNECTIONS)])
    print(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {CONNECTIONS} connections, {SECONDS:.0f} s each"
    )
    print(f"Load average before: {os.getloadavg()[0]:.2f}")
    print("CPU per request or pair; the load runs on the same machine.\n")
    print("| load | a second | p50 ms | p99 ms | server ms | database ms | CPU ms | errors |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    print((await measure(server, "one indexed read", keys, None)).row(), flush=True)
    for size in SIZES:
        project = await fill(server, size)
        print((await measure(server, f"draw + answer, {size:,} tasks", keys, project)).row(), flush=True)


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="workbee-bench-") as folder,
        running_server(Path(folder)) as server,
    ):
        asyncio.run(run(server))
    return 0


if __name__ == "__main__":
    sys.exit(main())
