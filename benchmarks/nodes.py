"""A second machine: two web hosts in network namespaces before one PostgreSQL (and PgBouncer) and one Valkey."""

import asyncio
import os
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import uvloop

from benchmarks.support import filling, volunteers
from benchmarks.support.filling import Filling
from benchmarks.support.hosts import (
    Backend,
    Host,
    Unsupported,
    WebHost,
    backend,
    hosts,
    job_worker,
    migrated,
    pooled,
    web_host,
)
from benchmarks.support.load import measure
from benchmarks.support.processes import Spent
from benchmarks.support.report import Report
from benchmarks.support.settings import SETTINGS
from tests.support import pgbouncer
from tests.support.crowd import Crowd, check_exact, kill_workers, prepare
from webapp.config import JOB_QUEUE_CONNECTIONS, load_settings

SHARE = SETTINGS.nodes_share
WORKERS = 2
N_TASKS = 100_000
GOAL = 1.7
TASKS, ANSWERS, VOLUNTEERS = 1000, 3, 200
KILLS, CUTS, CUT_S = 12, 2, 3.0
POOL = 8
"""Connections of each of PgBouncer's two entries: half of what a host's two workers would have straight."""
RESERVED = 30
"""Connections beyond those of the site: ours, and those that PostgreSQL reserves."""
VARIABLES = {"WORKERS": str(WORKERS), "MAX_CONNECTIONS": "65536"}
METHOD = (
    "Two web hosts, each a network namespace with an address of its own on a bridge, `workbee serve` with "
    f"{WORKERS} web workers and a data folder of its own; PostgreSQL, Valkey and `workbee worker` are on the bridge's "
    "side, then PgBouncer before PostgreSQL too. "
    f"While pairs are counted the kernel holds all processes of a web host to {SHARE:g} of a core (a cgroup's "
    "quota), so that the web is what is short: two hosts, the database and the client fit on this machine's cores "
    "together. What each has used is told beside, so that this can be seen. "
    f"{SETTINGS.connections} volunteers a host, with API keys, draw and answer one after the other; one host and two "
    f"in turns, {SETTINGS.rounds} times, {SETTINGS.seconds:g} s each. Median rates are compared.\n\n"
    f"Then, without quotas, chaos: {VOLUNTEERS} careless volunteers on {TASKS} tasks of {ANSWERS} answers (as "
    "`chaos`), each of whose attempts goes to either host by chance, as a balancer would have it, while web workers of "
    f"both hosts are killed {KILLS} times and the cable of either host is pulled out {CUTS} times for {CUT_S:g} s.\n\n"
    f"Goals: two hosts make {GOAL} times the pairs of one; every run exact."
)
TITLES = ("web hosts", "pairs a second", "p50 ms", "p99 ms", "cores of web hosts", "of database", "of client", "errors")


@dataclass(slots=True)
class Turns:
    """The same load, several times."""

    rates: list[float] = field(default_factory=list)
    medians: list[float] = field(default_factory=list)
    p99s: list[float] = field(default_factory=list)
    cores: list[tuple[float, float, float]] = field(default_factory=list)
    """Used by the web hosts, the database, and us."""
    errors: int = 0
    first_error: str = ""

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    def cells(self, name: str) -> list[str]:
        """A row under `TITLES`."""
        cores = [f"{statistics.median(one):.2f}" for one in zip(*self.cores, strict=True)]
        rates = f"{self.rate:.0f} ({min(self.rates):.0f} to {max(self.rates):.0f})"
        times = [f"{statistics.median(self.medians):.1f}", f"{statistics.median(self.p99s):.1f}"]
        return [name, rates, *times, *cores, f"{self.errors} {self.first_error}".strip()]


@dataclass(slots=True)
class Nodes:
    """The site under measurement."""

    behind: Backend
    database: filling.Database
    webs: list[WebHost]
    report: Report
    most_connections: int = 0

    async def turn(self, webs: Sequence[WebHost], project: int, turns: Turns) -> None:
        """Pairs at these hosts at the same time."""
        keys = list((await filling.add_newcomers(self.database, SETTINGS.connections * len(webs))).values())
        shares = [keys[place :: len(webs)] for place in range(len(webs))]
        before, begun, ours = [web.site.spent() for web in webs], time.monotonic(), time.process_time()
        figures = await asyncio.gather(
            *(
                measure(web.host.name, web.site, [volunteers.pair(project, key) for key in share], rounds=1)
                for web, share in zip(webs, shares, strict=True)
            )
        )
        seconds, ours = time.monotonic() - begun, time.process_time() - ours
        spent = [web.site.spent() - then for web, then in zip(webs, before, strict=True)]
        web_cores = sum(one.server for one in spent) / seconds
        turns.cores.append((web_cores, _database(spent) / seconds, ours / seconds))
        turns.rates.append(sum(one.rate for one in figures))
        waited = sorted(one for figure in figures for one in figure.milliseconds) or [0.0]
        turns.medians.append(statistics.median(waited))
        turns.p99s.append(waited[min(len(waited) - 1, int(len(waited) * 0.99))])
        turns.errors += sum(one.errors for one in figures)
        turns.first_error = turns.first_error or next((one.first_error for one in figures if one.first_error), "")

    async def rates(self) -> float:
        """Pairs of one host and of both; how many times those of one both make."""
        filled = await filling.fill(self.database, Filling("nodes", N_TASKS))
        for web in self.webs:
            web.host.limit(SHARE)
        one, both = Turns(), Turns()
        for _ in range(SETTINGS.rounds):
            await self.turn(self.webs[:1], filled.project, one)
            await self.turn(self.webs, filled.project, both)
        for web in self.webs:
            web.host.limit(None)
        self.report.header(*TITLES)
        self.report.row(one.cells("1"))
        self.report.row(both.cells(str(len(self.webs))))
        return both.rate / one.rate

    async def watch_connections(self) -> None:
        """Keep count of the connections to PostgreSQL that are the site's, until cancelled."""
        counting = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'workbee'"
        connection = await asyncpg.connect(self.behind.superuser_url)
        try:
            while True:
                self.most_connections = max(self.most_connections, await connection.fetchval(counting))
                await asyncio.sleep(0.5)
        finally:
            await connection.close()

    async def chaos(self, seed: int) -> list[object]:
        """One run of careless volunteers."""
        project_id, people = await prepare(
            self.behind.database_url, n_tasks=TASKS, n_answers=ANSWERS, n_people=VOLUNTEERS + TASKS * ANSWERS
        )
        first, *others = (web.site.url for web in self.webs)
        crowd = Crowd(first, project_id, random.Random(seed), others=others)
        supervisors = [web.supervisor for web in self.webs]
        begun = time.monotonic()
        _, killed, _ = await asyncio.gather(
            crowd.work(people, VOLUNTEERS),
            kill_workers(crowd, supervisors, TASKS * ANSWERS, KILLS),
            _cut(crowd, [web.host for web in self.webs]),
        )
        seconds = time.monotonic() - begun
        await check_exact(self.behind.database_url, crowd, n_tasks=TASKS, n_answers=ANSWERS)
        assert crowd.statuses[500] == 0, [web.log.read_text()[-2000:] for web in self.webs]
        stored = len(crowd.acknowledged)
        return [seed, f"{seconds:.0f}", stored, crowd.left, crowd.twice, killed, CUTS, crowd.lost, "yes"]


def _database(spent: Sequence[Spent]) -> float:
    """All hosts have the same one."""
    return max(one.database for one in spent)


async def _cut(crowd: Crowd, reached: Sequence[Host]) -> None:
    """Pull a host's cable out, and plug it in again, while answers come in."""
    for number in range(1, CUTS + 1):
        await crowd.until(number * TASKS * ANSWERS // (CUTS + 2))
        host = reached[number % len(reached)]
        host.plug(in_=False)
        await asyncio.sleep(CUT_S)
        host.plug(in_=True)


def connections(n_hosts: int) -> int:
    """What the site may open at most by its settings (docs/operations.md)."""
    settings = load_settings(workers=WORKERS)
    per_process = settings.database_pool_size + settings.database_autocommit_pool_size
    return per_process * (WORKERS * n_hosts + 1) + JOB_QUEUE_CONNECTIONS


async def _run(behind: Backend, webs: list[WebHost], report: Report) -> None:
    database = await asyncpg.connect(behind.superuser_url)
    nodes = Nodes(behind, database, webs, report)
    watching = asyncio.create_task(nodes.watch_connections())
    times = await nodes.rates()
    report.text(f"\nTwo hosts make {times:.2f} times the pairs of one; goal {GOAL}.\n")
    report.header("run", "seconds", "stored", "left", "sent twice", "killed", "cut off", "requests lost", "exact")
    for seed in range(1, SETTINGS.nodes_runs + 1):
        report.row(await nodes.chaos(seed))
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    by_settings = connections(0) + 2 * POOL if behind.pooler_url else connections(len(webs))
    report.text(
        f"\nConnections to PostgreSQL: {nodes.most_connections} at the most (looked at twice a second), "
        f"{by_settings} by settings."
    )
    await database.close()


def _measure(made: Sequence[Host], behind: Backend, report: Report) -> None:
    first, second = made
    with (
        job_worker(behind, VARIABLES),
        web_host(first, behind, VARIABLES) as one,
        web_host(second, behind, VARIABLES) as two,
    ):
        uvloop.run(_run(behind, [one, two], report))


def _with_and_without_pooler(made: Sequence[Host], report: Report) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="workbee-nodes-") as folder,
        backend(Path(folder), connections(len(made)) + RESERVED) as behind,
    ):
        asyncio.run(migrated(behind))
        report.text("## Straight to PostgreSQL\n")
        _measure(made, behind, report)
        report.text(f"## Through PgBouncer in transaction mode, 2 × {POOL} connections\n")
        if why := pgbouncer.missing():
            report.text(f"Not measured: {why}.")
            return
        with pooled(behind, POOL) as through:
            _measure(made, through, report)


def run(report: Report) -> None:
    """The whole family; where this machine makes no hosts, why."""
    report.text(METHOD)
    try:
        with hosts(2) as made:
            report.text(f"Hosts at {', '.join(host.address for host in made)}; {os.cpu_count()} cores for all.\n")
            _with_and_without_pooler(made, report)
    except Unsupported as why:
        report.text(f"Not measured: {why}.")
