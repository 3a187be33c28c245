"""Memory of a site's processes over time."""

import asyncio
import time

from benchmarks.support.processes import Site
from benchmarks.support.report import Report

SAMPLES = 20
FLAT_MIB = 20.0
"""What a process of ours may grow by, from the second quarter of the time to the last."""


async def watched(site: Site, report: Report, seconds: float) -> dict[str, list[float]]:
    """Memory of every process at regular times, reported as it goes."""
    memory: dict[str, list[float]] = {}
    begun = time.monotonic()
    for number in range(SAMPLES + 1):
        await asyncio.sleep(max(0.0, begun + number * seconds / SAMPLES - time.monotonic()))
        now = await asyncio.to_thread(site.memory)
        if not memory:
            report.header("minute", *now)
        for name, size in now.items():
            memory.setdefault(name, []).append(size)
        cells = [f"{memory[name][-1]:.0f}" if name in now else "gone" for name in memory]
        report.row([f"{(time.monotonic() - begun) / 60:.1f}", *cells])
    return memory


def growth(memory: dict[str, list[float]]) -> dict[str, float]:
    """MiB that each process has grown by: the median of the last quarter less that of the second."""
    grown = {}
    for name, sizes in memory.items():
        quarter = max(1, len(sizes) // 4)
        early, late = sorted(sizes[quarter : 2 * quarter] or sizes[:1]), sorted(sizes[-quarter:])
        grown[name] = late[len(late) // 2] - early[len(early) // 2]
    return grown


def told_growth(memory: dict[str, list[float]]) -> str:
    """That in words, with the process of ours that has grown most. PostgreSQL keeps what it has read: its own is told
    beside."""
    grown = growth(memory)
    worst = max(grown, key=lambda name: grown[name] if not name.startswith("PostgreSQL") else 0.0)
    return (
        "Growth from the second quarter to the last, MiB: "
        + ", ".join(f"{name} {size:+.1f}" for name, size in grown.items())
        + f". Most of ours: {worst} {grown[worst]:+.1f}; flat is below {FLAT_MIB:g}."
    )
