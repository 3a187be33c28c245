"""A large CSV file through HTTP and the job worker: alone, a second time, and beside a project of the same size.

While it runs one volunteer draws from the project that is imported into: what draws wait for shows in their times.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil

from benchmarks.support import filling
from benchmarks.support.filling import Filling
from benchmarks.support.processes import Site as Measured
from benchmarks.support.processes import site_of
from benchmarks.support.profile import superuser_url
from benchmarks.support.report import Report
from benchmarks.support.settings import SETTINGS
from tests.support.server import RunningServer, running_server
from tests.support.site import Site

ROWS = SETTINGS.import_rows
GOAL_S = 60
GOAL_MIB = 300
SEED_TASKS = 1000
LOOK_EVERY_S = 0.2
DRAW_EVERY_S = 0.1
PATIENCE_S = 3600
TITLES = (
    "import",
    "seconds",
    "of that upload",
    "rows/s",
    "added",
    "already there",
    "server CPU s",
    "database CPU s",
    "worker MiB",
    "web MiB",
    "draws",
    "draw p50 ms",
    "p99 ms",
    "longest ms",
)
METHOD = (
    f"A CSV file of {ROWS:,} rows (an address and three texts each) is sent to the import page by its owner; seconds "
    "are from the first byte sent to the import's end, as its row in the database says it. Memory is the most that the "
    "job worker, and the largest web worker, ever had resident. Meanwhile one volunteer draws from the same project "
    f"every {1000 * DRAW_EVERY_S:.0f} ms, breadth first, which looks at new tasks first. Goals: {GOAL_S} s and "
    f"{GOAL_MIB} MiB for a million rows."
)


def csv_file(path: Path, n_rows: int) -> Path:
    """Rows that differ, as a project of scanned digits would have them."""
    with path.open("w") as file:
        file.write("url,label,source,note\n")
        for n in range(n_rows):
            file.write(f"https://example.org/digits/{n:07d}.png,digit {n % 10},")
            file.write(f'scanned book {n % 977} page {n % 311},"written by hand, no {n * 7919 % n_rows}"\n')
    return path


@dataclass
class Draws:
    """How long each took, while an import ran."""

    milliseconds: list[float] = field(default_factory=list)
    errors: int = 0

    def cells(self) -> list[str]:
        if not self.milliseconds:
            return [f"0, {self.errors} errors", "", "", ""]
        ranked = sorted(self.milliseconds)
        p99 = ranked[int(0.99 * (len(ranked) - 1))]
        number = f"{len(ranked)}" + (f", {self.errors} errors" if self.errors else "")
        return [number, *(f"{value:.0f}" for value in (statistics.median(ranked), p99, ranked[-1]))]


@contextmanager
def _file(n_rows: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="workbee-csv-") as folder:
        yield csv_file(Path(folder) / "tasks.csv", n_rows)


@dataclass
class Bench:
    """A site under measurement, its owner (who may import into any project), and a connection to look with."""

    measured: Measured
    owner: Site
    database: asyncpg.Connection
    report: Report

    async def project(self, name: str, n_tasks: int = SEED_TASKS) -> int:
        """One whose tasks have an answer each: those that are imported come before them."""
        seed = Filling(name, n_tasks, "breadth_first", answered=(n_tasks,), group_size=1)
        return (await filling.fill(self.database, seed)).project

    async def measure(self, words: str, name: str, file: Path) -> None:
        """Import the file into the project of this name, and report what that took."""
        draws = Draws()
        project = await self.database.fetchval("SELECT id FROM project WHERE short_name = $1", name)
        (key,) = (await filling.add_newcomers(self.database, 1)).values()
        drawing = asyncio.create_task(self._draw(project, key, draws))
        before, begun = self.measured.spent(), time.monotonic()
        import_id = await asyncio.to_thread(upload, self.owner, name, file)
        uploaded = time.monotonic()
        ended = await self._ended(import_id)
        seconds = time.monotonic() - begun
        drawing.cancel()
        with suppress(asyncio.CancelledError):
            await drawing
        spent = self.measured.spent() - before
        if ended["state"] != "done":
            raise RuntimeError(f"the import {ended['state']}: {ended['error']}")
        figures = [f"{seconds:.1f}", f"{uploaded - begun:.1f}", f"{ended['n_read'] / seconds:,.0f}"]
        figures += [f"{ended['n_added']:,}", f"{ended['n_present']:,}", f"{spent.server:.1f}", f"{spent.database:.1f}"]
        figures += [f"{peak(job_workers(self.measured)):.0f}", f"{peak(self.measured.workers()):.0f}"]
        self.report.row([words, *figures, *draws.cells()])

    async def _ended(self, import_id: int) -> Any:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            [row] = await self.database.fetch("SELECT * FROM task_import WHERE id = $1", import_id)
            if row["state"] in ("done", "failed"):
                return row
            await asyncio.sleep(LOOK_EVERY_S)
        raise TimeoutError(f"import {import_id} is {row['state']} after {PATIENCE_S} s")

    async def _draw(self, project: int, key: str, draws: Draws) -> None:
        """Draw again and again, with an answer to each, so that the next one is another task, while there are any."""
        async with httpx.AsyncClient(
            base_url=self.measured.url, headers={"Authorization": key}, timeout=PATIENCE_S
        ) as http:
            while True:
                begun = time.perf_counter()
                drawn = await http.get(f"/api/project/{project}/newtask")
                draws.milliseconds.append(1000 * (time.perf_counter() - begun))
                draws.errors += not drawn.is_success
                if task := drawn.json().get("id"):
                    answer = {"project_id": project, "task_id": task, "info": 1}
                    draws.errors += not (await http.post("/api/taskrun", json=answer)).is_success
                await asyncio.sleep(DRAW_EVERY_S)


def upload(owner: Site, name: str, file: Path) -> int:
    """Send the file as the import page does; the import's id."""
    path = f"/project/{name}/tasks/import"
    with (
        httpx.Client(base_url=owner.url, cookies=owner.http.cookies, timeout=PATIENCE_S) as http,
        file.open("rb") as csv,
    ):
        as_json = {"response_format": "json"}
        csrf = http.get(path, params=as_json | {"type": "localCSV"}).json()["form"]["csrf"]
        answer = http.post(
            path,
            params=as_json,
            data={"form_name": "localCSV"},
            files={"file": ("tasks.csv", csv, "text/csv")},
            headers={"X-CSRFToken": csrf},
        )
    if not answer.is_success or "import" not in answer.json():
        raise RuntimeError(f"the upload was answered with {answer.status_code}: {answer.text[:500]}")
    return int(answer.json()["import"])


def peak(processes: list[psutil.Process]) -> float:
    """MiB that the largest of them had resident at most, ever."""
    found = [Path(f"/proc/{process.pid}/status").read_text() for process in processes]
    return max(int(status.split("VmHWM:")[1].split()[0]) for status in found) / 1024


def job_workers(measured: Measured) -> list[psutil.Process]:
    return [process for process in measured.server.children(recursive=True) if "worker" in process.cmdline()]


async def measure_all(server: RunningServer, report: Report, file: Path) -> None:
    database = await asyncpg.connect(superuser_url(server.settings.data_dir, "workbee"))
    bench = Bench(site_of(server.url, server.process.pid), Site(server.url), database, report)
    report.header(*TITLES)
    await bench.project("first")
    await bench.measure("the first", "first", file)
    await bench.measure("the same again", "first", file)
    await bench.project("second")
    await bench.measure(f"into another project, beside that of {ROWS:,} tasks", "second", file)
    await bench.measure("that one again", "second", file)
    await database.close()


def run(report: Report) -> None:
    """The whole family."""
    report.text(METHOD)
    with (
        _file(ROWS) as file,
        tempfile.TemporaryDirectory(prefix="workbee-bench-") as folder,
        running_server(Path(folder), variables={"MAX_BODY_MIB": "1024"}) as server,
    ):
        asyncio.run(measure_all(server, report, file))
