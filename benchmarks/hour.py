"""An hour of Stargazing: a television programme has shown one project, and everybody comes. Does the site hold?"""

import asyncio
import math
import os
import tempfile
import time
from array import array
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil

from benchmarks.support import filling
from benchmarks.support import profile as profiling
from benchmarks.support.filling import Filling
from benchmarks.support.floors import floor_beside, insert_cost
from benchmarks.support.memory import told_growth, watched
from benchmarks.support.open_loop import SCRIPTS, Outcome, Plan, Timings, open_loop
from benchmarks.support.processes import Site, Spent, site_of
from benchmarks.support.report import Report
from benchmarks.support.settings import SETTINGS
from db.queries.figures.recount import differences
from db.session import Database
from tests.support.invariants import breaches
from tests.support.server import RunningServer, running_server

GOAL_MS = 150.0
MINUTES = SETTINGS.hour_minutes
WARM_UP = 20.0
ANSWERS = 3
"""How many each task wants."""
STAY = SETTINGS.hour_stay
PARTS = 10
SLOWEST = 12
"""So many of the slowest seconds are told."""
NETWORK = {"MAX_CONNECTIONS": "65536"}
"""All come from one address here."""
METHOD = (
    f"{MINUTES:g} minutes after {WARM_UP:g} s of warm-up, open loop: draws arrive as a Poisson process, each answered "
    f"after {SETTINGS.hour_thinking:g} s of thinking on average (lognormal), and views of the home page and the "
    f"project's page, half each, as another of {SETTINGS.hour_visitors:g} a second, each by a visitor who was never "
    f"there, on a connection of its own. Two volunteers of three are browsers without an account, which open the "
    "contribute page, take the cookie, draw the next task as one is shown (POST next, which keeps the slots of both) "
    "and answer under an Idempotency-Key; the third is a script with an API key that draws and answers. Each leaves "
    f"after {STAY:g} tasks on average, browsers with a leased task that comes back an hour later, and a new one "
    "comes; where all of them still wait for the server, a draw that is due waits for the next of them. "
    f"A task wants {ANSWERS} answers. Each has a connection of their own. Static files are not fetched.\n\n"
    "Times are from the intended moment to the last byte: a draw's or visitor's is its arrival, an answer's the end of "
    "the thinking, a follow-up's the end of the answer before it; 'client late' is the part of it in which the client "
    "could have sent it and had not yet. "
    "The client is one process beside the server on the same cores. Nothing is tried again: what is "
    "not answered with 2xx is an error.\n\n"
    f"Goals: no error; each acknowledged answer stored once, as it was sent, and no other; every count of slots, "
    f"results, progress and figures equal to what it counts; p99 under {GOAL_MS:g} ms on a quiet machine; memory flat."
)
TITLES = ("request", "number", "a second", "p50 ms", "p95 ms", "p99 ms", "max ms", "client late p99 ms", "late max ms")


def percentile(ranked: "array[float] | list[float]", share: float) -> float:
    """Of values in order."""
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))] if ranked else 0.0


def row(name: str, timings: Timings, seconds: float) -> list[str]:
    """Under `TITLES`."""
    waited, lag = sorted(timings.waited), sorted(timings.lag)
    times = [percentile(waited, share) for share in (0.5, 0.95, 0.99, 1.0)]
    late = [percentile(lag, share) for share in (0.99, 1.0)]
    return [name, f"{len(waited):,}", f"{len(waited) / seconds:.1f}", *(f"{time:.1f}" for time in (*times, *late))]


def all_of(outcome: Outcome) -> Timings:
    """Requests of every kind together."""
    every = Timings()
    for timings in outcome.timings.values():
        every.due += timings.due
        every.waited += timings.waited
        every.lag += timings.lag
    return every


def tell_slowest(outcome: Outcome, report: Report) -> None:
    """The seconds in which a request waited longest, to look for in the log."""
    worst: dict[int, tuple[float, str, float]] = {}
    over: Counter[int] = Counter()
    for kind, timings in outcome.timings.items():
        for due, waited, lag in zip(timings.due, timings.waited, timings.lag, strict=True):
            second = int(due)
            over[second] += waited > GOAL_MS
            if waited > worst.get(second, (0.0, "", 0.0))[0]:
                worst[second] = (waited, kind, lag)
    report.text(f"\n{sum(over.values()):,} requests took more than {GOAL_MS:g} ms. The slowest seconds:\n")
    report.header("second", "longest ms", "of it client late", "request", f"more than {GOAL_MS:g} ms then")
    for second in sorted(worst, key=lambda second: worst[second][0], reverse=True)[:SLOWEST]:
        waited, kind, lag = worst[second]
        report.row([second, f"{waited:.0f}", f"{lag:.0f}", kind, over[second]])


@dataclass(frozen=True, slots=True)
class Machine:
    """Processor time so far: by role of ours, of the server and the database, and of the whole machine."""

    roles: dict[str, float]
    spent: Spent
    busy: float

    @classmethod
    def now(cls, site: Site) -> "Machine":
        times = psutil.cpu_times()
        return cls(site.spent_by_role(), site.spent(), sum(times) - times.idle - getattr(times, "iowait", 0.0))


async def sampled(site: Site, seconds: float) -> list[Machine]:
    """Processor time at the beginning and at the end of each of the `PARTS` of this time."""
    begun = time.monotonic()
    found = [Machine.now(site)]
    for number in range(1, PARTS + 1):
        await asyncio.sleep(begun + number * seconds / PARTS - time.monotonic())
        found.append(Machine.now(site))
    return found


def tell_parts(every: Timings, machines: list[Machine], seconds: float, report: Report) -> None:
    """What grows with the time shows in what a request costs, and takes, from part to part."""
    parts: list[list[float]] = [[] for _ in range(PARTS)]
    for due, waited in zip(every.due, every.waited, strict=True):
        parts[min(PARTS - 1, int(due * PARTS / seconds))].append(waited)
    report.text("\nFrom part to part of the time:\n")
    report.header(
        "until minute", "requests", "p50 ms", "p99 ms", "server CPU ms a request", "database CPU ms a request"
    )
    for number, (part, before, after) in enumerate(zip(parts, machines, machines[1:], strict=False), 1):
        spent, ranked = after.spent - before.spent, sorted(part)
        costs = [1000 * one / max(1, len(part)) for one in (spent.server, spent.database)]
        times = [percentile(ranked, share) for share in (0.5, 0.99)]
        figures = [f"{one:.1f}" for one in times] + [f"{one:.2f}" for one in costs]
        report.row([f"{seconds / 60 * number / PARTS:.1f}", f"{len(part):,}", *figures])


def tell_processor(outcome: Outcome, before: Machine, after: Machine, report: Report) -> None:
    """Who used how much of the machine, and what a request cost."""
    seconds, n_requests = outcome.seconds, outcome.n_measured
    used = {role: after.roles[role] - before.roles.get(role, 0.0) for role in after.roles}
    shares = {**used, "client": outcome.cpu_seconds}
    others = after.busy - before.busy - sum(shares.values())
    spent = after.spent - before.spent
    cost = 1000 / max(1, n_requests)
    report.text(
        f"\nProcessor time a request: server {cost * spent.server:.2f} ms, database {cost * spent.database:.2f} ms. "
        f"Of {os.cpu_count()} cores: "
        + ", ".join(f"{name} {one / seconds:.2f}" for name, one in shares.items())
        + f"; all else on the machine (the kernel, other people's work, what a virtual machine is denied) "
        f"{others / seconds:.2f}. The client shares the cores: what it takes is not there for the server."
    )


def tell_log(log: Path, report: Report) -> None:
    """Warnings and errors of the server, by their beginning."""
    found: Counter[str] = Counter()
    with log.open(errors="replace") as lines:
        for line in lines:
            if "level=warning" in line or "level=error" in line:
                found[line.partition(" ")[2].strip()[:160]] += 1
    report.text("Warnings and errors in the server's log: " + (f"{found.total():,}" if found else "none"))
    for words, n in found.most_common(10):
        report.text(f"- {n} × `{words}`")


async def check_answers(database: filling.Database, project: int, outcome: Outcome) -> list[str]:
    """What is wrong with the stored answers of the project, beside what was acknowledged and sent."""
    rows = await database.fetch(
        "SELECT id, task_id, (info ->> 'answer')::bigint AS number FROM task_run WHERE project_id = $1", project
    )
    stored = {row["number"]: (row["id"], row["task_id"]) for row in rows}
    acknowledged = dict(zip(outcome.numbers, zip(outcome.runs, outcome.tasks, strict=True), strict=True))
    lost = [number for number, run in acknowledged.items() if stored.get(number) != run]
    foreign = stored.keys() - acknowledged.keys() - set(outcome.unknown)
    doubled = len(rows) - len(stored)
    found = {
        "acknowledged answers are not stored as they were sent": len(lost),
        "answers are stored twice": doubled,
        "stored answers were never sent": len(foreign),
    }
    return [f"{n:,} {words}" for words, n in found.items() if n]


async def check(server: RunningServer, database: filling.Database, project: int, outcome: Outcome) -> list[str]:
    """Everything that is not exact."""
    faults = await check_answers(database, project, outcome)
    looking = Database(server.database_url)
    try:
        async with looking.unit(read_only=True) as uow:
            faults += [f"not so: {one.rule}: {one.rows}" for one in await breaches(uow.session, project)]
        async with looking.unit(read_only=True) as uow:
            faults += [f"figures differ from a recount: {one}" for one in await differences(uow.session)]
    finally:
        await looking.close()
    return faults


async def _hour(server: RunningServer, site: Site, database: filling.Database, rate: float, report: Report) -> bool:
    """One rate for the whole time; whether it held."""
    async with floor_beside(site, server.database_url) as floor:
        inserts = [await insert_cost(floor)]
    seconds = 60 * MINUTES
    expected = rate * (seconds + WARM_UP)
    n_tasks = max(SETTINGS.hour_tasks, math.ceil(1.1 * expected * (1 + 2 / STAY) / ANSWERS) + 5_000)
    name = f"stars-{rate:g}"
    filled = await filling.fill(database, Filling(name, n_tasks, redundancy=ANSWERS))
    n_scripts = math.ceil((2 * rate * SETTINGS.hour_thinking + 2 * expected / STAY + 100) / SCRIPTS)
    plan = Plan(
        url=server.url,
        project=filled.project,
        short_name=name,
        keys=list((await filling.add_newcomers(database, n_scripts)).values()),
        draws_a_second=rate,
        visitors_a_second=SETTINGS.hour_visitors,
        seconds=seconds,
        warm_up=WARM_UP,
        thinking=SETTINGS.hour_thinking,
        stay=STAY,
    )
    report.text(f"## {rate:g} draws and as many answers a second; {n_tasks:,} tasks\n\nMemory of each process, MiB:\n")
    with open_loop(plan) as loop:
        await loop.until_measured()
        memory, machines = await asyncio.gather(watched(site, report, seconds), sampled(site, seconds))
        outcome = await loop.outcome()
    async with floor_beside(site, server.database_url) as floor:
        inserts.append(await insert_cost(floor))
    report.text("")
    report.header(*TITLES)
    for kind, timings in sorted(outcome.timings.items()):
        report.row(row(kind, timings, outcome.seconds))
    every = all_of(outcome)
    report.row(row("all", every, outcome.seconds))
    tell_parts(every, machines, seconds, report)
    tell_slowest(outcome, report)
    tell_processor(outcome, machines[0], machines[-1], report)
    report.text(
        f"One insert cost the bare server {inserts[0]:.2f} ms just before and {inserts[1]:.2f} ms just after: on a "
        "quiet machine of this kind 0.4."
    )
    report.text(told_growth(memory))
    tell_log(server.log, report)
    faults = await check(server, database, filled.project, outcome)
    p99 = percentile(sorted(every.waited), 0.99)
    n_errors = outcome.errors.total()
    report.text(
        f"{outcome.volunteers:,} volunteers came, {outcome.left:,} left; {outcome.arrivals:,} draws were due; "
        f"{len(outcome.runs):,} answers acknowledged, {len(outcome.unknown):,} sent without a word in return. "
        f"Errors: {n_errors}" + "".join(f"\n- {n} × {why}" for why, n in outcome.errors.most_common(10)) + "\n\n"
        f"Not exact: {len(faults)}" + "".join(f"\n- {fault}" for fault in faults) + "\n\n"
        f"p99 of all requests {p99:.0f} ms; goal {GOAL_MS:g}."
    )
    return not n_errors and not faults and p99 < GOAL_MS


async def _run(server: RunningServer, report: Report) -> None:
    database = await asyncpg.connect(profiling.superuser_url(server.settings.data_dir, "workbee"))
    site = site_of(server.url, server.process.pid)
    held = {rate: await _hour(server, site, database, rate, report) for rate in SETTINGS.hour_rates}
    report.text("Goals met: " + ", ".join(f"{rate:g} a second {'yes' if ok else 'no'}" for rate, ok in held.items()))
    await database.close()


def run(report: Report) -> None:
    """The whole family."""
    report.text(METHOD)
    with (
        tempfile.TemporaryDirectory(prefix="workbee-hour-") as folder,
        running_server(Path(folder), variables=NETWORK) as server,
    ):
        asyncio.run(_run(server, report))
