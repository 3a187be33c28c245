"""All at once for some minutes: draws, answers, page views and an import. Are there errors, does memory stay flat?"""

import asyncio
import csv
import io
import itertools
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import asyncpg
import httpx

from benchmarks.support import filling, volunteers
from benchmarks.support import profile as profiling
from benchmarks.support.client import Connection, request
from benchmarks.support.filling import Filling
from benchmarks.support.load import Failed, Figures, Step, measure
from benchmarks.support.memory import told_growth, watched
from benchmarks.support.processes import Site, site_of
from benchmarks.support.report import Report
from benchmarks.support.settings import SETTINGS
from tests.support.server import RunningServer, running_server

MINUTES = SETTINGS.mixed_minutes
N_TASKS = 100_000
IMPORTED_ROWS = 100_000
METHOD = (
    f"{MINUTES:g} minutes at once on a project of {N_TASKS:,} tasks: 8 volunteers in browsers (next task ahead, "
    "answer, hold), 4 scripts that draw and answer, 4 visitors who look at pages one after the other, and the import "
    f"of a CSV file of {IMPORTED_ROWS:,} rows into another project, begun after a tenth of the time. Memory is the "
    "resident size of each of our processes, in MiB, and the share of memory that PostgreSQL's have together."
)


def look(paths: Sequence[str]) -> Step:
    """Look at these pages in turn, as a browser asks for them."""
    turns = itertools.cycle([request("GET", path, headers={"Accept": "text/html"}) for path in paths])

    async def step(connection: Connection) -> bool:
        answer = await connection.send(next(turns))
        if not answer.ok:
            raise Failed(f"a page gave {answer.status}")
        return True

    return step


def table(n_rows: int) -> bytes:
    """A CSV file of so many different rows."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("question", "link", "n_answers"))
    writer.writerows((f"What is in picture {n}?", f"https://example.org/{n}.jpg", 3) for n in range(n_rows))
    return text.getvalue().encode()


async def imported(url: str, key: str, short_name: str) -> str:
    """Upload the file as its owner's browser does, and wait until all rows are there; how it went."""
    begun = time.monotonic()
    path = f"/project/{short_name}/tasks/import?type=localCSV&response_format=json"
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": key}, timeout=300) as client:
        form = (await client.get(path)).json()["form"]
        sent = await client.post(
            path,
            data={"form_name": "localCSV"},
            files={"file": ("rows.csv", table(IMPORTED_ROWS), "text/csv")},
            headers={"X-CSRFToken": form["csrf"]},
        )
        if sent.status_code != httpx.codes.OK or "next" not in sent.json():
            return f"refused: {sent.status_code} {sent.text[:200]}"
        while True:
            answer = await client.get(f"/api/project?short_name={short_name}&stats=1")
            n_tasks = answer.json()[0]["stats"]["n_tasks"] if answer.is_success else 0
            if n_tasks >= IMPORTED_ROWS:
                return f"{n_tasks:,} rows in {time.monotonic() - begun:.0f} s"
            if time.monotonic() - begun > 60 * MINUTES:
                return f"only {n_tasks:,} of {IMPORTED_ROWS:,} rows in {60 * MINUTES:.0f} s"
            await asyncio.sleep(1)


async def _loads(site: Site, database: filling.Database, project: int, name: str, seconds: float) -> list[Figures]:
    keys = list((await filling.add_newcomers(database, 12)).values())
    pages = ["/", f"/project/{name}/", f"/project/{name}/newtask", f"/project/{name}/stats", "/leaderboard/", "/about"]
    kinds: dict[str, list[Step]] = {
        "browsers' steps": [volunteers.browse(project, key) for key in keys[:8]],
        "scripts' pairs": [volunteers.pair(project, key) for key in keys[8:]],
        "pages": [look(pages[n:] + pages[:n]) for n in range(4)],
    }
    return list(await asyncio.gather(*(measure(kind, site, steps, seconds=seconds) for kind, steps in kinds.items())))


async def _run(server: RunningServer, report: Report) -> None:
    database = await asyncpg.connect(profiling.superuser_url(server.settings.data_dir, "workbee"))
    site = site_of(server.url, server.process.pid)
    seconds = 60 * MINUTES
    filled = await filling.fill(database, Filling("mixed", N_TASKS))
    await filling.add_project(database, "imported-into")
    owner = await database.fetchval("SELECT api_key FROM users WHERE name = 'owner-of-imported-into'")

    async def later() -> str:
        await asyncio.sleep(seconds / 10)
        return await imported(server.url, owner, "imported-into")

    memory, told, figures = await asyncio.gather(
        watched(site, report, seconds), later(), _loads(site, database, filled.project, "mixed", seconds)
    )
    report.text("")
    report.header("load", "done", "a second", "p50 ms", "p99 ms", "errors")
    for f in figures:
        failed = f"{f.errors} ({f.first_error})" if f.errors else "0"
        report.row([f.name, len(f.milliseconds), f"{f.rate:.1f}", f"{f.median:.1f}", f"{f.p99:.1f}", failed])
    report.text(f"\nImport: {told}. Errors in all: {sum(f.errors for f in figures)}; goal 0.")
    report.text(told_growth(memory))
    await database.close()


def run(report: Report) -> None:
    """The whole family."""
    report.text(METHOD)
    with tempfile.TemporaryDirectory(prefix="workbee-mixed-") as folder, running_server(Path(folder)) as server:
        asyncio.run(_run(server, report))
