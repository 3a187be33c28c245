"""A large project as JSON and as CSV, while a volunteer draws from another one; and an export that is resumed."""

import asyncio
import math
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx

from benchmarks.importing import Draws, peak
from benchmarks.support import filling
from benchmarks.support.filling import Filling
from benchmarks.support.processes import Site, site_of
from benchmarks.support.profile import superuser_url
from benchmarks.support.report import Report
from benchmarks.support.settings import SETTINGS
from tests.support.server import RunningServer, running_server

ROWS = SETTINGS.export_rows
GOAL_S = 15 * ROWS / 1_000_000
FIRST_BYTE_GOAL_S = 1
PATIENCE_S = 3600
DRAW_EVERY_S = 0.05
BROKEN_OFF_AFTER = 8_000_000
QUIET_S = 10
BESIDE = Filling("beside", 10_000)
INFO = (
    "jsonb_build_object('digit', n % 10, 'sure', n % 3 = 0, "
    "'place', jsonb_build_object('x', n % 640, 'y', n * 7 % 480)) || CASE WHEN n % 50 = 0 "
    """THEN jsonb_build_object('comment', 'hard to read, see "page" ' || n) ELSE '{}' END"""
)
TITLES = (
    "export",
    "first byte of the body s",
    "longest silence s",
    "whole s",
    "server CPU s",
    "database CPU s",
    "zip MB",
    "largest web worker MiB",
    "draws",
    "draw p50 ms",
    "p99 ms",
    "longest ms",
)
METHOD = (
    f"A project of {ROWS:,} tasks with an answer each: four or five values, two of them nested. One reader over HTTP, "
    "without an account, takes each export as fast as it comes. The longest silence is between two pieces that it "
    f"gets. Meanwhile one volunteer draws from another project every {1000 * DRAW_EVERY_S:.0f} ms. Memory is the most "
    f"that the largest web worker ever had resident. Goals: the first byte within {FIRST_BYTE_GOAL_S} s, the whole "
    f"within {GOAL_S:.0f} s."
)


@dataclass
class Reading:
    """What a reader has seen of an answer; times in seconds."""

    status: int = 0
    tag: str = ""
    n_bytes: int = 0
    first: float = 0.0
    silence: float = 0.0
    whole: float = 0.0


async def read(
    http: httpx.AsyncClient, path: str, headers: Mapping[str, str] | None = None, *, most: float = math.inf
) -> Reading:
    """Read the answer, or so many bytes of it."""
    reading, begun = Reading(), time.perf_counter()
    last = begun
    async with http.stream("GET", path, headers=headers) as answer:
        reading.status, reading.tag = answer.status_code, answer.headers.get("ETag", "")
        async for piece in answer.aiter_raw():
            now = time.perf_counter()
            reading.first = reading.first or now - begun
            reading.silence, last = max(reading.silence, now - last), now
            reading.n_bytes += len(piece)
            if reading.n_bytes >= most:
                break
    reading.whole = time.perf_counter() - begun
    return reading


async def _draw(url: str, project: int, key: str, draws: Draws) -> None:
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": key}, timeout=PATIENCE_S) as http:
        while True:
            begun = time.perf_counter()
            drawn = await http.get(f"/api/project/{project}/newtask")
            draws.milliseconds.append(1000 * (time.perf_counter() - begun))
            draws.errors += not drawn.is_success
            await asyncio.sleep(DRAW_EVERY_S)


@dataclass
class Bench:
    """A site under measurement, the projects that are exported and drawn from, and a volunteer's key."""

    site: Site
    exported: str
    beside: int
    key: str
    report: Report

    async def quiet(self) -> None:
        """Draws while nothing is exported."""
        draws = Draws()
        drawing = asyncio.create_task(_draw(self.site.url, self.beside, self.key, draws))
        await asyncio.sleep(QUIET_S)
        await _end(drawing)
        self.report.row(["none", *[""] * 7, *draws.cells()])

    async def measure(self, kind: str, format_name: str) -> None:
        draws = Draws()
        drawing = asyncio.create_task(_draw(self.site.url, self.beside, self.key, draws))
        before = self.site.spent()
        async with httpx.AsyncClient(base_url=self.site.url, timeout=PATIENCE_S) as http:
            reading = await read(http, self._path(kind, format_name))
        spent = self.site.spent() - before
        await _end(drawing)
        figures = [f"{reading.first:.2f}", f"{reading.silence:.2f}", f"{reading.whole:.1f}"]
        figures += [f"{spent.server:.1f}", f"{spent.database:.1f}", f"{reading.n_bytes / 1e6:.0f}"]
        self.report.row([f"{kind}, {format_name}", *figures, f"{peak(self.site.workers()):.0f}", *draws.cells()])

    async def resume(self, kind: str, format_name: str) -> None:
        """Break off in the middle, and ask for the rest until it is there."""
        path = self._path(kind, format_name)
        async with httpx.AsyncClient(base_url=self.site.url, timeout=PATIENCE_S) as http:
            begun = await read(http, path, most=BROKEN_OFF_AFTER)
            left = time.perf_counter()
            asked = {"Range": f"bytes={begun.n_bytes}-", "If-Range": begun.tag}
            while (rest := await read(http, path, asked)).status == httpx.codes.SERVICE_UNAVAILABLE:
                pass
        waited = time.perf_counter() - left - rest.whole + rest.first
        self.report.text(
            f"\nBroken off after {begun.n_bytes / 1e6:.0f} MB: the rest of {rest.n_bytes / 1e6:.0f} MB is answered "
            f"with {rest.status}, {waited:.1f} s later."
        )

    def _path(self, kind: str, format_name: str) -> str:
        return f"/project/{self.exported}/tasks/export?type={kind}&format={format_name}"


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _run(server: RunningServer, report: Report) -> None:
    database = await asyncpg.connect(superuser_url(server.settings.data_dir, "workbee"))
    exported = Filling("exported", ROWS, complete=1.0, run_info=INFO)
    await filling.fill(database, exported)
    beside = await filling.fill(database, BESIDE)
    (key,) = (await filling.add_newcomers(database, 1)).values()
    await database.close()
    bench = Bench(site_of(server.url, server.process.pid), exported.name, beside.project, key, report)
    report.header(*TITLES)
    await bench.quiet()
    for kind, format_name in (("task_run", "json"), ("task_run", "csv"), ("task", "csv")):
        await bench.measure(kind, format_name)
    await bench.resume("task_run", "csv")


@contextmanager
def _data_folder() -> Iterator[Path]:
    if SETTINGS.data is not None:
        yield SETTINGS.data / f"exporting-{ROWS}"
    else:
        with tempfile.TemporaryDirectory(prefix="workbee-bench-") as folder:
            yield Path(folder)


def run(report: Report) -> None:
    """The whole family."""
    report.text(METHOD)
    with _data_folder() as folder, running_server(folder) as server:
        asyncio.run(_run(server, report))
