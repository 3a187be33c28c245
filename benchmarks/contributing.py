"""Drawing and answering through HTTP at every size, beside the floors of the same run."""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import asyncpg

from benchmarks.support import filling, volunteers
from benchmarks.support import profile as profiling
from benchmarks.support.filling import Filled, Filling
from benchmarks.support.floors import beside_floor, floor_beside, floors
from benchmarks.support.load import TITLES, Figures, Step, measure
from benchmarks.support.processes import Site, site_of
from benchmarks.support.report import Report
from benchmarks.support.settings import SETTINGS
from benchmarks.support.volunteers import BROWSER_ORDER
from tests.support.server import RunningServer, running_server

GOAL_MS = 2.1
GOAL_RATIO = 1.5
GOALS = (
    f"Goals: a draw and its submission cost at most {GOAL_MS} ms of CPU, server and database together (PYBOSSA: 21.4); "
    f"p99 at the largest size within {GOAL_RATIO} x that at the smallest."
)
METHOD = (
    f"Through HTTP, {SETTINGS.connections} volunteers with API keys on a persistent connection each, "
    f"{SETTINGS.seconds:.0f} s a load after {SETTINGS.warm_up:.0f} s. CPU is what the server's processes and "
    f"the database's have used, divided by the units done, in the median of {SETTINGS.rounds} rounds (with the least "
    "and the most of them); 'floor then' is what an insert costs the bare server just before and after the load; the "
    "client's own is not in it, but it shares the cores. "
    "The floors are the same uvicorn, Quart and asyncpg without Workbee, a process a core. Volunteers with N answers "
    "have given them to the first N tasks of the project, which are still open. A draw alone gives the same leased "
    "task again; submissions alone answer tasks that were offered before; a browser's step is the next task ahead, "
    "the answer, and the hold of the next."
)
GROUPS = (1_000, 100_000)
OFFERED_TASKS = 4_000
PAIRS = "draw + answer"


@contextmanager
def serving(size: int) -> Iterator[RunningServer]:
    """A whole Workbee for one size, in the folder that is kept or in one for this run."""
    if SETTINGS.data is not None:
        with running_server(SETTINGS.data / str(size)) as server:
            yield server
        return
    with tempfile.TemporaryDirectory(prefix="workbee-bench-") as folder, running_server(Path(folder)) as server:
        yield server


@dataclass
class Bench:
    """One size under measurement: its site, a connection for filling, and where figures go."""

    site: Site
    floor: Site
    database: filling.Database
    report: Report
    pairs: dict[str, Figures]
    """The pairs of every size so far, by the words they were reported under."""

    async def load(self, name: str, steps: Sequence[Step]) -> Figures:
        figures = await beside_floor(self.floor, measure(name, self.site, steps))
        self.report.row(figures.cells())
        if name.startswith(PAIRS):
            self.pairs[name] = figures
        return figures

    async def newcomers(self) -> list[str]:
        return list((await filling.add_newcomers(self.database, SETTINGS.connections)).values())

    async def schedule(self, project: int, scheduler: str) -> None:
        await self.database.execute(
            "UPDATE project SET info = info || jsonb_build_object('sched', $2::text) WHERE id = $1", project, scheduler
        )
        if scheduler == "breadth_first":
            # It has moved every task with answers in the index; the autovacuum comes after a minute.
            await self.database.execute("VACUUM task_slots", timeout=filling.PATIENCE)
        await asyncio.sleep(1.5)  # longer than a server may go on with what it has read before


def open_project(size: int) -> Filling:
    """Nothing is complete; groups of volunteers have answered the first tasks."""
    return Filling(f"open-{size}", size, answered=tuple(n for n in GROUPS if n <= size // 2))


def ending_project(size: int) -> Filling:
    """Nine tasks of ten are complete."""
    return Filling(f"ending-{size}", size, complete=0.9)


async def measure_open(bench: Bench, size: int, words: str) -> None:
    """Every load, on a project with nothing complete."""
    filled = await filling.fill(bench.database, open_project(size))
    project = filled.project
    for n, keys in {0: await bench.newcomers(), **filled.groups}.items():
        steps = [volunteers.draw(project, key) for key in keys]
        await bench.load(f"draw, {words}, {n:,} answers", steps)
    for scheduler, order in (("default", BROWSER_ORDER), ("breadth_first", ""), ("breadth_first", BROWSER_ORDER)):
        await bench.schedule(project, scheduler)
        name = f"draw, {words}, {scheduler}, by {'priority_0 desc' if order else 'id'}"
        await bench.load(name, [volunteers.draw(project, key, order) for key in await bench.newcomers()])
    name = f"{PAIRS}, {words}, breadth_first"
    await bench.load(name, [volunteers.pair(project, key) for key in await bench.newcomers()])
    await bench.schedule(project, "default")
    await measure_answers(bench, filled, size, words)


async def measure_answers(bench: Bench, filled: Filled, size: int, words: str) -> None:
    """Loads that answer."""
    project = filled.project
    for n, keys in {0: await bench.newcomers(), **filled.groups}.items():
        steps = [volunteers.pair(project, key) for key in keys]
        await bench.load(f"{PAIRS}, {words}, {n:,} answers", steps)
    await bench.load(f"submission, {words}", await offered(bench.database, project, size))
    steps = [volunteers.browse(project, key) for key in await bench.newcomers()]
    await bench.load(f"a browser's step (3 requests), {words}", steps)


async def offered(database: filling.Database, project: int, size: int) -> list[Step]:
    """Steps of newcomers who may answer tasks of the project's second half, each in another order."""
    people = await filling.add_newcomers(database, SETTINGS.connections)
    first = await database.fetchval(
        "SELECT min(task_id) + $2 FROM task_slots WHERE project_id = $1", project, size // 2
    )
    tasks = [
        row[0]
        for row in await database.fetch(
            "SELECT task_id FROM task_slots WHERE project_id = $1 AND task_id >= $2 ORDER BY task_id LIMIT $3",
            project, first, OFFERED_TASKS,
        )
    ]  # fmt: skip
    await database.execute(
        """INSERT INTO assignment (task_id, project_id, contributor, state)
           SELECT t, $1, 'user:' || u, 'offered' FROM unnest($2::bigint[]) t, unnest($3::bigint[]) u""",
        project,
        tasks,
        list(people),
    )
    steps = []
    for place, key in enumerate(people.values()):
        turn = place * len(tasks) // len(people)
        steps.append(volunteers.submit(project, key, iter(chain(tasks[turn:], tasks[:turn]))))
    return steps


async def measure_ending(bench: Bench, size: int, words: str) -> None:
    """Where most is complete."""
    filled = await filling.fill(bench.database, ending_project(size))
    for n, name in ((volunteers.draw, "draw"), (volunteers.pair, PAIRS)):
        steps = [n(filled.project, key) for key in await bench.newcomers()]
        await bench.load(f"{name}, {words}, 90 % complete", steps)


async def measure_beside(bench: Bench, small: int, large: int) -> None:
    """A small project whose tasks come after those of the large one, in the same tables."""
    filled = await filling.fill(bench.database, open_project(small))
    words = f"{small:,} tasks beside {large:,}"
    steps = [volunteers.draw(filled.project, key) for key in await bench.newcomers()]
    await bench.load(f"draw, {words}", steps)
    steps = [volunteers.pair(filled.project, key) for key in await bench.newcomers()]
    await bench.load(f"{PAIRS}, {words}", steps)


async def measure_size(server: RunningServer, size: int, report: Report, pairs: dict[str, Figures]) -> None:
    """All loads of one size, and the smallest size beside the largest."""
    database = await asyncpg.connect(profiling.superuser_url(server.settings.data_dir, "workbee"))
    site = site_of(server.url, server.process.pid)
    async with floor_beside(site, server.database_url) as floor:
        if size == SETTINGS.sizes[0]:
            for figures in await floors(floor):
                report.row(figures.cells())
        await _measure_loads(Bench(site, floor, database, report, pairs), size)
    await database.close()


async def _measure_loads(bench: Bench, size: int) -> None:
    smallest, largest = min(SETTINGS.sizes), max(SETTINGS.sizes)
    words = f"{size:,} tasks"
    await measure_open(bench, size, words)
    if size <= SETTINGS.ending_sizes:
        await measure_ending(bench, size, words)
    if size == largest > smallest:
        await measure_beside(bench, smallest, largest)


def judged(pairs: dict[str, Figures]) -> str:
    """How the goals were met, by the pairs of all sizes."""
    by_size = {size: [f for name, f in pairs.items() if f", {size:,} tasks" in name] for size in SETTINGS.sizes}
    least = min(figures.floor for figures in pairs.values())
    dearest = max(pairs.values(), key=lambda figures: figures.cost)
    at_best = {name: figures.cost * least / figures.floor for name, figures in pairs.items()}
    dearest_at_best = max(at_best, key=lambda name: at_best[name])
    first, last = (by_size[size][0] for size in (min(SETTINGS.sizes), max(SETTINGS.sizes)))
    return (
        f"\nDearest pair: {dearest.cost:.2f} ms of CPU ({dearest.name}); goal {GOAL_MS}. At the machine's best in "
        f"this run, by the floor beside each: {at_best[dearest_at_best]:.2f} ms ({dearest_at_best}). "
        "p99 of pairs, largest size "
        f"to smallest: {last.p99:.1f} / {first.p99:.1f} = {last.p99 / max(first.p99, 0.001):.2f}; goal {GOAL_RATIO}."
    )


def run(report: Report) -> None:
    """The whole family."""
    report.text(f"{METHOD}\n\n{GOALS}")
    report.header(*TITLES)
    pairs: dict[str, Figures] = {}
    for size in SETTINGS.sizes:
        with serving(size) as server:
            asyncio.run(measure_size(server, size, report, pairs))
    report.text(judged(pairs))


async def _profile(site: Site, data_dir: Path, report: Report) -> None:
    superuser = profiling.superuser_url(data_dir, "workbee")
    database = await asyncpg.connect(superuser)
    filled = await filling.fill(database, open_project(SETTINGS.sizes[0]))
    keys = list((await filling.add_newcomers(database, SETTINGS.connections)).values())
    steps = [volunteers.pair(filled.project, key) for key in keys]
    await measure("warming up", site, steps)
    await profiling.statements_begin(superuser)
    undisturbed = await measure(PAIRS, site, steps)
    units = round(len(undisturbed.milliseconds) * (1 + SETTINGS.warm_up / SETTINGS.seconds))
    report.header(*TITLES)
    report.row(undisturbed.cells())
    await profiling.statements(superuser, "workbee", units, report)
    sampling = asyncio.create_task(profiling.sampled(site.workers()[0], SETTINGS.seconds + SETTINGS.warm_up))
    await measure(f"{PAIRS}, sampled", site, steps)
    profiling.functions(await sampling, undisturbed.server, report)
    await database.close()


def profile(report: Report) -> None:
    """Where the time of a draw and its answer goes, at the first of the sizes."""
    with (
        tempfile.TemporaryDirectory(prefix="workbee-profile-") as folder,
        profiling.observed_server(Path(folder)) as server,
    ):
        asyncio.run(_profile(site_of(server.url, server.process.pid), Path(folder), report))
