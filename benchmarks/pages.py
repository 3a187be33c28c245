"""The pages that a volunteer waits for, as anonymous visitors and signed-in people load them."""

import asyncio
import itertools
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import asyncpg
import httpx

from benchmarks.support import filling
from benchmarks.support import profile as profiling
from benchmarks.support.client import Connection, request
from benchmarks.support.filling import Filling
from benchmarks.support.floors import beside_floor, floor_beside, floors
from benchmarks.support.load import TITLES, Failed, Figures, Step, measure
from benchmarks.support.processes import Site, site_of
from benchmarks.support.report import Report
from benchmarks.support.settings import SETTINGS
from tests.support.server import RunningServer, running_server

N_PROJECTS = 20
N_TASKS = 1_000
PASSWORD = "of the benchmark"
METHOD = (
    f"Through HTTP, {SETTINGS.connections} persistent connections, {SETTINGS.seconds:.0f} s a load after "
    f"{SETTINGS.warm_up:.0f} s; {N_PROJECTS} projects of {N_TASKS:,} tasks. Each connection is a browser of its own, "
    "with its cookies; signed in, an account of its own. CPU as in benchmarks/README.md."
)
ORIGINAL = {"home": (415, 505, 4.6), "project page": (253, 267, 7.6)}
"""PYBOSSA 4.0.2 on two cores of the same kind: requests a second (10 thousand and 1 million tasks), CPU ms of its
server alone (docs/architecture.md 10). Its contribute page was not measured: the project page stands in for it."""
PAGES = {
    "home": "/",
    "project page": "/project/{}/",
    "contribute page": "/project/{}/newtask",
    "statistics": "/project/{}/stats",
    "browse": "/project/{}/tasks/browse",
    "projects": "/project/category/thinking/",
    "people": "/account/",
    "profile": "/account/reader0/",
    "leaderboard": "/leaderboard/",
}


def name_of(number: int) -> str:
    return f"page-{number}"


async def browser(url: str, credentials: tuple[str, str] | None) -> str:
    """The cookies of a browser that has been here before, signed in with (name, password) or not."""
    async with httpx.AsyncClient(base_url=url, headers={"Accept": "text/html"}) as client:
        if credentials is not None:
            form = (await client.get("/account/signin?response_format=json")).json()["form"]
            fields = {"email": credentials[0], "password": credentials[1]}
            await client.post("/account/signin", data=fields, headers={"X-CSRFToken": form["csrf"]})
            if "account-menu" not in (await client.get("/")).text:
                raise RuntimeError("nobody is signed in")
        await client.get("/")
        await client.get(PAGES["contribute page"].format(name_of(0)))
        kept = {name: value for name, value in client.cookies.items() if name != "changed"}
    return "; ".join(f"{name}={value}" for name, value in kept.items())


async def accounts(url: str, database: filling.Database) -> list[tuple[str, str]]:
    """New accounts, registered as people do: (address, password)."""
    found = []
    for number in range(SETTINGS.connections):
        name = f"reader{number}"
        async with httpx.AsyncClient(base_url=url) as client:
            form = (await client.get("/account/register?response_format=json")).json()["form"]
            fields = {"fullname": f"Reader {number}", "name": name, "email_addr": f"{name}@example.org"}
            both = {"password": PASSWORD, "confirm": PASSWORD, "consent": "true"}
            await client.post("/account/register", data=fields | both, headers={"X-CSRFToken": form["csrf"]})
        if not await database.fetchval("SELECT 1 FROM users WHERE name = $1", name):
            raise RuntimeError(f"{name} could not register")
        found.append((f"{name}@example.org", PASSWORD))
    return found


def look(path: str, cookies: str, turn: int) -> Step:
    """Load this page of one project after the other, as a browser with these cookies."""
    paths = [path.format(name_of((turn + n) % N_PROJECTS)) for n in range(N_PROJECTS)]
    headers = {"Accept": "text/html", "Accept-Language": "en", "Cookie": cookies}
    turns = itertools.cycle([request("GET", one, headers=headers) for one in paths])

    async def step(connection: Connection) -> bool:
        answer = await connection.send(next(turns))
        if answer.status != httpx.codes.OK or b"</html>" not in answer.body:
            raise Failed(f"a page gave {answer.status}")
        return True

    return step


def judged(figures: Figures) -> str:
    """A page beside the original's."""
    page = re.split(",", figures.name)[0]
    slow, fast, cpu = ORIGINAL.get(page, ORIGINAL["project page"])
    return (
        f"- {figures.name}: {figures.rate:.0f} a second and {figures.cost:.2f} ms of CPU, server and database; the "
        f"original {slow}-{fast} a second and {cpu} ms, server alone: {cpu / max(figures.cost, 0.001):.1f} times less; "
        "goal 5."
    )


async def _measure(site: Site, floor: Site, people: Mapping[str, Sequence[str]], report: Report) -> list[Figures]:
    found = []
    for who, cookies in people.items():
        for page, path in PAGES.items():
            steps = [look(path, one, turn) for turn, one in enumerate(cookies)]
            found.append(await beside_floor(floor, measure(f"{page}, {who}", site, steps)))
            report.row(found[-1].cells())
    return found


async def _run(server: RunningServer, report: Report) -> None:
    database = await asyncpg.connect(profiling.superuser_url(server.settings.data_dir, "workbee"))
    for number in range(N_PROJECTS):
        await filling.fill(database, Filling(name_of(number), N_TASKS))
    site = site_of(server.url, server.process.pid)
    anonymous = [await browser(server.url, None) for _ in range(SETTINGS.connections)]
    signed_in = [await browser(server.url, one) for one in await accounts(server.url, database)]
    people = {"anonymous": anonymous, "signed in": signed_in}
    async with floor_beside(site, server.database_url) as floor:
        for figures in await floors(floor):
            report.row(figures.cells())
        found = await _measure(site, floor, people, report)
    report.text("\n" + "\n".join(judged(one) for one in found))
    await database.close()


def run(report: Report) -> None:
    """The whole family."""
    report.text(METHOD)
    report.header(*TITLES)
    with tempfile.TemporaryDirectory(prefix="workbee-pages-") as folder, running_server(Path(folder)) as server:
        asyncio.run(_run(server, report))
