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

TITLES = ("load", "a second", "p50 ms", "p99 ms", "server CPU ms", "database CPU ms", "CPU ms", "errors")


@dataclass(slots=True)
class Figures:
    """What one load came to."""

    name: str
    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0.0
    spent: Spent = field(default_factory=lambda: Spent(0.0, 0.0))
    errors: int = 0
    first_error: str = ""

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
    def server(self) -> float:
        """Milliseconds of processor time a unit, of the server's processes."""
        return 1000 * self.spent.server / max(1, len(self.milliseconds))

    @property
    def database(self) -> float:
        return 1000 * self.spent.database / max(1, len(self.milliseconds))

    @property
    def cost(self) -> float:
        return self.server + self.database

    def cells(self) -> list[str]:
        """A row under `TITLES`."""
        failed = f"{self.errors} ({self.first_error})" if self.errors else "0"
        times = [f"{self.rate:.0f}", f"{self.median:.1f}", f"{self.p99:.1f}"]
        return [self.name, *times, f"{self.server:.2f}", f"{self.database:.2f}", f"{self.cost:.2f}", failed]


class Failed(Exception):
    """A unit did not go well, for this reason."""


async def measure(name: str, site: Site, steps: Sequence[Step], *, seconds: float | None = None) -> Figures:
    """Run the steps over and over, each on a connection of its own; what ends within the measured time counts."""
    figures = Figures(name)
    connections = [Connection(site.url) for _ in steps]
    stopped = asyncio.Event()
    measuring = asyncio.Event()
    loads = [
        asyncio.create_task(_repeat(step, connection, figures, measuring, stopped))
        for step, connection in zip(steps, connections, strict=True)
    ]
    await asyncio.sleep(SETTINGS.warm_up)
    before, begun = site.spent(), time.perf_counter()
    measuring.set()
    await asyncio.sleep(seconds or SETTINGS.seconds)
    measuring.clear()
    figures.spent, figures.seconds = site.spent() - before, time.perf_counter() - begun
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
