"""Does any page grow? Every address that can be read, as different people, on a small site and on a large one."""

import asyncio
import os
import re
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import asyncpg
from quart import Quart
from sqlalchemy import make_url

from benchmarks.support import filling
from benchmarks.support.answering import answers_come_in
from benchmarks.support.growing import Around, Growth, grow
from benchmarks.support.processes import exact_seconds
from benchmarks.support.profile import observed_server, superuser_url
from benchmarks.support.report import Report
from benchmarks.support.settings import SETTINGS
from db.session import Database
from tests.support.blocks import PRELOADED, BlockCounter, block_counter
from tests.support.client import Client, signed_in
from tests.support.crawling import Populated, clients, populate
from tests.support.server import UNHURRIED, RunningServer
from tests.support.visits import Address, must_grow, read, visits, warm_up
from webapp.app import create_app
from webapp.runtime.embedded.postgres import DATABASE

SMALL = Growth(accounts=2_000, projects=300, tasks=6_000, answers=30_000, entries=100)
LARGE = Growth(accounts=500_000, projects=10_000, tasks=2_000_000, answers=10_000_000, entries=1_000)
MORE = 1.5
"""The large site may cost so many times as much."""
FEW_MS, FEW_BLOCKS, FEW_BYTES = 2.0, 60, 2000
"""So much more is as good as the same, too: indexes have a level more, rows are further apart."""
REPEATS = 3
LONG_S = 3.0
"""What has taken longer in all is not measured again."""
N_VOLUNTEERS = 40
VISITOR = "visitor"
"""The database's role for what is measured: whose processor time and blocks are whose, it tells by that."""
METHOD = (
    "Each address that answers GET and changes nothing (those of the route map, and some with queries), as each role, "
    "asked of the application in this process, which is alone with its connections to the database; what it remembers "
    f"is dropped before each request. Figures are the least of {REPEATS} after one that is not measured. CPU of the "
    "server is this process's (request and answer made and read included), CPU of the database that of the backends "
    "(parallel workers are off for this role); blocks are those that its statements look at (hits and reads, without "
    "planning), 8 kB each, once for each time. CPU of the server is divided by what a fixed page costs just before and "
    "after, beside its least: neighbours of the machine make both dearer. The large site is asked while volunteers "
    "draw and answer tasks of the project that is looked at, through the web workers of a whole server. An address "
    f"grows if the large site costs more than {MORE:g} times as much, and {FEW_MS:g} ms of CPU, {FEW_BLOCKS} blocks or "
    f"{FEW_BYTES} bytes more."
)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one request."""

    status: int
    server_ms: float
    database_ms: float
    n_blocks: int
    n_bytes: int
    dearest: str
    """The statement that looks at most of the blocks, and at how many."""

    @property
    def cpu_ms(self) -> float:
        return self.server_ms + self.database_ms


async def fixed_page(app: Quart) -> float:
    """Processor seconds of a page that asks nothing of the database: how fast the machine is just now."""
    begun = time.process_time()
    await Client(app).get("/help/license")
    return time.process_time() - begun


def least(costs: list[Cost]) -> Cost:
    """What one request costs where nothing disturbs it."""
    best = min(costs, key=lambda one: one.n_blocks)
    return Cost(
        best.status,
        min(one.server_ms for one in costs),
        min(one.database_ms for one in costs),
        best.n_blocks,
        best.n_bytes,
        best.dearest,
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """An address as one role, on both sites."""

    name: str
    role: str
    small: Cost
    large: Cost

    @property
    def times(self) -> float:
        """How many times as dear the large site is, by what has grown most; 1 if nothing has grown."""
        small, large = self.small, self.large
        both = (
            (small.cpu_ms, large.cpu_ms, FEW_MS),
            (small.n_blocks, large.n_blocks, FEW_BLOCKS),
            (small.n_bytes, large.n_bytes, FEW_BYTES),
        )
        grown = (after / max(before, few) for before, after, few in both if after > MORE * before + few)
        return max(grown, default=1.0)

    def cells(self) -> list[str]:
        """The costs of both."""
        small, large = self.small, self.large
        return [
            f"{small.server_ms:.1f} → {large.server_ms:.1f}",
            f"{small.database_ms:.1f} → {large.database_ms:.1f}",
            f"{small.n_blocks:,} → {large.n_blocks:,}",
            f"{small.n_bytes / 1000:.1f} → {large.n_bytes / 1000:.1f}",
        ]


COSTS = ("server CPU ms", "database CPU ms", "blocks", "kB")


@dataclass(frozen=True, slots=True)
class Measured:
    """The application of this process on the server's database, and who asks it."""

    app: Quart
    site: Populated
    clients: dict[str, Client]
    counter: BlockCounter
    filler: filling.Database
    standard: float
    """What a page that never changes costs at least, in processor seconds of the server."""

    async def costs(self) -> dict[tuple[str, str], Cost]:
        """Of each address and role."""
        await warm_up(self.app, self.site, self.clients)
        return {
            (address.name, role): await self._cost(self.clients[role], address)
            async for role, address in visits(self.app, self.site, self.clients)
        }

    async def _cost(self, client: Client, address: Address) -> Cost:
        begun = time.monotonic()
        await read(self.app, client, address)
        found: list[Cost] = []
        while len(found) < REPEATS and (not found or time.monotonic() - begun < LONG_S):
            found.append(await self._once(client, address))
        return least(found)

    async def _once(self, client: Client, address: Address) -> Cost:
        before = await self._backends()
        self.counter.begin()
        slowness = await fixed_page(self.app) / 2
        begun = time.process_time()
        answer = await read(self.app, client, address)
        server = time.process_time() - begun
        slowness += await fixed_page(self.app) / 2
        after = await self._backends()
        database = sum(seconds - before.get(pid, 0.0) for pid, seconds in after.items())
        statements = self.counter.statements()
        dearest = f"{statements[0].n_blocks:,}: {statements[0].query}" if statements else ""
        n_blocks = sum(one.n_blocks for one in statements)
        server_ms = 1000 * server * self.standard / slowness
        return Cost(answer.status, server_ms, 1000 * database, n_blocks, len(answer.content), dearest)

    async def _backends(self) -> dict[int, float]:
        """Processor seconds of each so far."""
        pids = await self.filler.fetch("SELECT pid FROM pg_stat_activity WHERE usename = $1", VISITOR)
        return {row["pid"]: exact_seconds(row["pid"]) for row in pids}


@asynccontextmanager
async def _measured(server: RunningServer, filler: filling.Database) -> AsyncIterator[Measured]:
    owner = make_url(server.database_url)
    await filler.execute(f"CREATE ROLE {VISITOR} LOGIN PASSWORD '{owner.password}' IN ROLE {owner.username}")
    await filler.execute(f"ALTER ROLE {VISITOR} SET max_parallel_workers_per_gather = 0")
    visiting = owner.set(username=VISITOR).render_as_string(hide_password=False)
    limits = {name.lower(): int(value) for name, value in UNHURRIED.items()}
    settings = server.settings.model_copy(update=limits | {"database_url": visiting})
    app = create_app(settings)
    database = Database(server.database_url)
    superuser = superuser_url(server.settings.data_dir)
    try:
        async with app.test_app():
            site = await populate(database)
            with block_counter(superuser, VISITOR) as counter:
                people = clients(app, site, partial(signed_in, app, settings))
                standard = min([await fixed_page(app) for _ in range(200)])
                yield Measured(app, site, people, counter, filler, standard)
    finally:
        await database.close()


async def _grow(measured: Measured, growth: Growth, report: Report, name: str) -> None:
    begun = time.monotonic()
    site = measured.site
    people = {role: site.people[role].id for role in ("owner", "volunteer", "admin")}
    around = Around(project=site.project_id, **people)
    site.places.update(await grow(measured.filler, site.database, around, growth))
    seconds = time.monotonic() - begun
    counts = [
        f"{await measured.filler.fetchval(f'SELECT count(*) FROM {table}'):,} {words}"
        for table, words in (("users", "accounts"), ("project", "projects"), ("task", "tasks"), ("task_run", "answers"))
    ]
    size = await measured.filler.fetchval("SELECT pg_database_size(current_database())") / 2**30
    report.text(f"The {name} site: {', '.join(counts)}, {size:.1f} GiB, filled in {seconds:.0f} s.")


async def _run(server: RunningServer, report: Report) -> None:
    filler = await asyncpg.connect(superuser_url(server.settings.data_dir, DATABASE))
    async with _measured(server, filler) as measured:
        await _grow(measured, SMALL, report, "small")
        small = await measured.costs()
        await _grow(measured, LARGE.times(SETTINGS.growth), report, "large")
        keys = list((await filling.add_newcomers(filler, N_VOLUNTEERS)).values())
        project, rate = measured.site.project_id, SETTINGS.answers_a_second
        begun = time.monotonic()
        with answers_come_in(server.url, project, keys, a_second=rate) as answers:
            large = await measured.costs()
        load = " ".join(f"{average:.1f}" for average in os.getloadavg())
        report.text(
            f"Looking at the large site took {time.monotonic() - begun:.0f} s, with {answers}; load then: {load}."
        )
    await filler.close()
    _tell([Pair(name, role, small[name, role], cost) for (name, role), cost in large.items()], report)


def _tell(pairs: list[Pair], report: Report) -> None:
    """What grows, by its dearest role, and everything."""
    worst: dict[str, Pair] = {}
    for pair in pairs:
        if pair.times > worst.get(pair.name, pair).times or (pair.times > 1 and pair.name not in worst):
            worst[pair.name] = pair
    growing = sorted(worst.values(), key=lambda pair: pair.large.cpu_ms, reverse=True)
    unexplained = sum(not must_grow(pair.name, pair.role) for pair in growing)
    report.text(
        f"{len(worst)} of {len({pair.name for pair in pairs})} addresses grow, {unexplained} without a reason:\n"
    )
    report.header("address", "role", *COSTS, "times", "why, or the statement that looks at most blocks")
    for pair in growing:
        why = must_grow(pair.name, pair.role) or f"`{_words(pair.large.dearest)}`"
        report.row([f"`{pair.name}`", pair.role, *pair.cells(), f"{pair.times:.1f}", why])
    report.text("\nAll of them:\n")
    report.header("address", "role", "status", *COSTS, "times")
    for pair in pairs:
        status = "→".join(dict.fromkeys((str(pair.small.status), str(pair.large.status))))
        report.row([f"`{pair.name}`", pair.role, status, *pair.cells(), f"{pair.times:.1f}" if pair.times > 1 else ""])


def _words(statement: str) -> str:
    return re.sub(r"\s+", " ", statement).replace("|", "\\|").replace("`", "'")[:150]


def run(report: Report) -> None:
    """The whole family."""
    report.text(METHOD)
    with (
        tempfile.TemporaryDirectory(prefix="workbee-growth-") as folder,
        observed_server(Path(folder), PRELOADED) as server,
    ):
        asyncio.run(_run(server, report))
