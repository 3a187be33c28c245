"""Counts that all processes share through Redis, without asking it for each request (docs/architecture.md 10).

A process asks Redis for a counter it does not know. From then on, far from its top, it counts by itself and tells Redis
in batches, ten times a second, which answers with what all processes have counted. From half of the top on, Redis is
asked for every request, in one atomic script. So a limit is exact but for what other processes counted meanwhile while
this one took it to be far.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic, time

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

BATCH_S = 0.1
"""How long counts wait before Redis is told."""
SMALLEST_TOP = 50
"""Limits below this are always asked of Redis."""
MOST_REMEMBERED = 50_000
PAUSE_AFTER_FAILURE_S = 5.0

ADD = """
local counts = {}
for i, key in ipairs(KEYS) do
  counts[i] = redis.call('INCRBY', key, ARGV[2 * i])
  redis.call('EXPIREAT', key, ARGV[2 * i - 1])
end
return counts
"""


@dataclass(slots=True)
class _Standing:
    """One counter as this process knows it: what all had counted when Redis was asked, and what is not told yet."""

    top: int
    expire_at: int
    known: int | None = None
    untold: int = 0

    @property
    def count(self) -> int:
        return (self.known or 0) + self.untold

    @property
    def is_far(self) -> bool:
        return self.top >= SMALLEST_TOP and self.known is not None and self.count < self.top // 2


class SharedCounts:
    """The counters of one process and their sums in Redis. Counts nothing while Redis is away."""

    def __init__(self, redis: Redis) -> None:
        self._script = redis.register_script(ADD)
        self._standings: dict[str, _Standing] = {}
        self._away_until = 0.0
        self._telling: asyncio.Task[None] | None = None

    async def count(self, counters: Sequence[tuple[str, int]], expire_at: int) -> list[int] | None:
        """Count one for each (key, top); what each has come to, or None while Redis is away.

        A key stands for one window: `expire_at` is its end, in seconds since the epoch.
        """
        if monotonic() < self._away_until:
            return None
        standings = [self._standings.setdefault(key, _Standing(top, expire_at)) for key, top in counters]
        far = all(standing.is_far for standing in standings)
        for standing in standings:
            standing.untold += 1
        self._tell_soon()
        if far:
            return [standing.count for standing in standings]
        return await self._tell([key for key, _ in counters])

    async def close(self) -> None:
        """Tell Redis what it was not told yet."""
        if self._telling is not None:
            self._telling.cancel()
        if monotonic() >= self._away_until and (untold := self._untold()):
            await self._tell(untold)

    def _untold(self) -> list[str]:
        return [key for key, standing in self._standings.items() if standing.untold]

    def _tell_soon(self) -> None:
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell_all())

    async def _tell_all(self) -> None:
        await asyncio.sleep(BATCH_S)
        if untold := self._untold():
            await self._tell(untold)
        self._forget()

    def _forget(self) -> None:
        """Let go of windows that are over; of all that is told, where it is too much to remember."""
        now, crowded = time(), len(self._standings) > MOST_REMEMBERED
        self._standings = {
            key: s for key, s in self._standings.items() if s.untold or (s.expire_at > now and not crowded)
        }

    async def _tell(self, keys: list[str]) -> list[int] | None:
        """Add to Redis what these counters have not told yet. The sums of all processes, or None if it is away."""
        standings = [self._standings[key] for key in keys]
        told = [standing.untold for standing in standings]
        for standing in standings:
            standing.untold = 0
        args = [value for s, n in zip(standings, told, strict=True) for value in (s.expire_at, n)]
        try:
            sums: list[int] = await self._script(keys=keys, args=args)
        except (RedisError, OSError, TimeoutError) as error:
            self._away_until = monotonic() + PAUSE_AFTER_FAILURE_S
            log.warning("rate limits are off for a moment: Redis does not answer (%s)", error)
            return None
        for standing, total in zip(standings, sums, strict=True):
            standing.known = max(standing.known or 0, total)
        return sums
