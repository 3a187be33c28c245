"""Drawing and answering through HTTP, beside the floors of the same run."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from benchmarks.support import filling
from benchmarks.support import profile as profiling
from benchmarks.support.client import Connection, request
from benchmarks.support.floors import floors
from benchmarks.support.load import TITLES, Failed, Figures, Step, measure
from benchmarks.support.processes import Site, site_of
from benchmarks.support.report import Report
from benchmarks.support.settings import SETTINGS
from tests.support.server import RunningServer, running_server

GOAL = "Goal: a draw and its submission cost at most 2.1 ms of CPU, server and database together (PYBOSSA: 21.4)."
METHOD = (
    f"Through HTTP, {SETTINGS.connections} volunteers with API keys on a persistent connection each, "
    f"{SETTINGS.seconds:.0f} s a load after {SETTINGS.warm_up:.0f} s. CPU is what the server's processes and "
    "the database's have used, divided by the units done; the client's own is not in it, but it shares the cores. "
    "The floors are the same uvicorn, Quart and asyncpg without Workbee, a process a core."
)


@contextmanager
def serving() -> Iterator[RunningServer]:
    """A whole Workbee, in the folder that is kept or in one for this run."""
    if SETTINGS.data is not None:
        with running_server(SETTINGS.data) as server:
            yield server
        return
    with tempfile.TemporaryDirectory(prefix="workbee-bench-") as folder, running_server(Path(folder)) as server:
        yield server


def pair(project: int, key: str) -> Step:
    """Draw, answer."""
    draw = request("GET", f"/api/project/{project}/newtask", key=key)

    async def step(connection: Connection) -> bool:
        task = await drawn(connection, draw)
        return await answered(connection, project, task, key)

    return step


async def drawn(connection: Connection, draw: bytes) -> int:
    """The id of the task that this request gives. Raises Failed if it gives none."""
    answer = await connection.send(draw)
    task = answer.json() if answer.ok else {}
    if "id" not in task:
        raise Failed(f"a draw gave {answer.status} {answer.body[:100]!r}")
    return int(task["id"])


async def answered(connection: Connection, project: int, task: int, key: str) -> bool:
    """Answer a task; True. Raises Failed if the answer is not taken."""
    body = {"project_id": project, "task_id": task, "info": {"answer": 1}}
    answer = await connection.send(request("POST", "/api/taskrun", key=key, body=body))
    if not answer.ok:
        raise Failed(f"an answer got {answer.status} {answer.body[:100]!r}")
    return True


async def _measure(site: Site, database_url: str, report: Report) -> None:
    database = await asyncpg.connect(database_url)
    report.header(*TITLES)

    def add(figures: Figures) -> None:
        report.row(figures.cells())

    for figures in await floors(site, database_url):
        add(figures)
    for size in SETTINGS.sizes:
        project = await filling.add_project(database, f"bench-{size}")
        await filling.add_tasks(database, project, size)
        keys = await filling.add_volunteers(database, [f"v{n}-{size}" for n in range(SETTINGS.connections)])
        await filling.settle(database)
        steps = [pair(project, key) for key in keys.values()]
        add(await measure(f"draw + answer, {size:,} tasks", site, steps))
    await database.close()


def run(report: Report) -> None:
    """The whole family."""
    report.text(f"{METHOD}\n\n{GOAL}")
    with serving() as server:
        asyncio.run(_measure(site_of(server.url, server.process.pid), server.database_url, report))


async def _profile(site: Site, data_dir: Path, database_url: str, report: Report) -> None:
    superuser = profiling.superuser_url(data_dir, "workbee")
    database = await asyncpg.connect(database_url)
    project = await filling.add_project(database, "profiled")
    await filling.add_tasks(database, project, SETTINGS.sizes[0])
    keys = await filling.add_volunteers(database, [f"p{n}" for n in range(SETTINGS.connections)])
    await filling.settle(database)
    steps = [pair(project, key) for key in keys.values()]
    await measure("warming up", site, steps)
    await profiling.statements_begin(superuser)
    undisturbed = await measure("draw + answer", site, steps)
    units = round(len(undisturbed.milliseconds) * (1 + SETTINGS.warm_up / SETTINGS.seconds))
    report.header(*TITLES)
    report.row(undisturbed.cells())
    await profiling.statements(superuser, "workbee", units, report)
    sampling = asyncio.create_task(profiling.sampled(site.workers()[0], SETTINGS.seconds + SETTINGS.warm_up))
    await measure("draw + answer, sampled", site, steps)
    profiling.functions(await sampling, undisturbed.server, report)
    await database.close()


def profile(report: Report) -> None:
    """Where the time of a draw and its answer goes, at the first of the sizes."""
    with (
        tempfile.TemporaryDirectory(prefix="workbee-profile-") as folder,
        profiling.observed_server(Path(folder)) as server,
    ):
        site = site_of(server.url, server.process.pid)
        asyncio.run(_profile(site, Path(folder), server.database_url, report))
