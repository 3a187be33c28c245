"""Loads: many volunteers at once for some seconds, and what they came to."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.support.client import Connection
from benchmarks.support.processes import Site, Spent
from benchmarks.support.settings import SETTINGS

Step = Callable[[Connection], Awaitable[bool]]
"""One unit of a load (a request, a pair, …); whether it went well."""

TITLES = ("load", "a second", "p50 ms", "p99 ms", "server CPU ms", "database CPU ms", "CPU ms", "floor then", "errors")


@dataclass(frozen=True, slots=True)
class Round:
    """A part of a load: how many units ended in it, and what they took."""

    units: int
    spent: Spent

    @property
    def cost(self) -> float:
        """Milliseconds of processor time a unit."""
        return 1000 * (self.spent.server + self.spent.database) / max(1, self.units)


@dataclass(slots=True)
class Figures:
    """What one load came to: its rate and times as a whole, its processor time in the median of its rounds."""

    name: str
    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0.0
    rounds: list[Round] = field(default_factory=list)
    errors: int = 0
    first_error: str = ""
    floor: float = 0.0
    """What one insert cost the bare server just before and after, in milliseconds of processor time; 0 if not known."""

    @property
    def rate(self) -> float:
        return len(self.milliseconds) / self.seconds if self.seconds else 0.0

    @property
    def median(self) -> float:
        return statistics.median(self.milliseconds or [0.0])

    @property
    def p99(self) -> float:
        ranked = sorted(self.milliseconds) or [0.0]
        return ranked[min(len(ranked) - 1, int(len(ranked) * 0.99))]

    @property
    def usual(self) -> Round:
        """The round of median cost (of an even number, the dearer)."""
        return sorted(self.rounds or [Round(0, Spent(0.0, 0.0))], key=lambda one: one.cost)[len(self.rounds) // 2]

    @property
    def server(self) -> float:
        """Milliseconds of processor time a unit, of the server's processes."""
        return 1000 * self.usual.spent.server / max(1, self.usual.units)

    @property
    def database(self) -> float:
        return 1000 * self.usual.spent.database / max(1, self.usual.units)

    @property
    def cost(self) -> float:
        return self.usual.cost

    def cells(self) -> list[str]:
        """A row under `TITLES`."""
        failed = f"{self.errors} ({self.first_error})" if self.errors else "0"
        times = [f"{self.rate:.0f}", f"{self.median:.1f}", f"{self.p99:.1f}"]
        costs = sorted(one.cost for one in self.rounds) or [0.0]
        beside = f"{self.floor:.2f}" if self.floor else ""
        cost = f"{self.cost:.2f} ({costs[0]:.2f} to {costs[-1]:.2f})"
        return [self.name, *times, f"{self.server:.2f}", f"{self.database:.2f}", cost, beside, failed]


class Failed(Exception):
    """A unit did not go well, for this reason."""


async def measure(
    name: str,
    site: Site,
    steps: Sequence[Step],
    *,
    seconds: float = SETTINGS.seconds,
    warm_up: float = SETTINGS.warm_up,
    rounds: int = SETTINGS.rounds,
) -> Figures:
    """Run the steps over and over, each on a connection of its own; what ends within the measured time counts."""
    figures = Figures(name)
    connections = [Connection(site.url) for _ in steps]
    stopped = asyncio.Event()
    measuring = asyncio.Event()
    loads = [
        asyncio.create_task(_repeat(step, connection, figures, measuring, stopped))
        for step, connection in zip(steps, connections, strict=True)
    ]
    await asyncio.sleep(warm_up)
    begun = time.perf_counter()
    measuring.set()
    for _ in range(rounds):
        units, before = len(figures.milliseconds), site.spent()
        await asyncio.sleep(seconds / rounds)
        figures.rounds.append(Round(len(figures.milliseconds) - units, site.spent() - before))
    measuring.clear()
    figures.seconds = time.perf_counter() - begun
    stopped.set()
    await asyncio.gather(*loads)
    for connection in connections:
        connection.close()
    return figures


async def _repeat(
    step: Step, connection: Connection, figures: Figures, measuring: asyncio.Event, stopped: asyncio.Event
) -> None:
    while not stopped.is_set():
        begun = time.perf_counter()
        try:
            ok, why = await step(connection), "refused"
        except (OSError, ValueError, TimeoutError, Failed) as error:
            ok, why = False, f"{type(error).__name__}: {error}"
        if not measuring.is_set():
            continue
        if ok:
            figures.milliseconds.append(1000 * (time.perf_counter() - begun))
        else:
            figures.errors += 1
            figures.first_error = figures.first_error or why
            await asyncio.sleep(0.01)
