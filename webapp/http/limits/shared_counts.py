"""Counts that all processes share through Redis, without asking it for each request (docs/architecture.md 10).

A limit holds whoever counts: Redis adds, in one atomic script, and what passes has been added there before. So that not
each request has to wait for that, a process that asks for a counter far from its top reserves a few requests more, and
lets those pass by itself. Ten times a second it fills up what it has used of its reserves. Beyond half of the top
nothing is reserved, and every request is asked for.

Requests that have to ask share a call: one is under way at a time, so that a flood takes one connection, and Redis
being away is found out once.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic, time

from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

REFILL_S = 0.1
"""How long used reserves wait before they are filled up."""
RESERVED_SHARE = 50
"""A process reserves a fiftieth of a limit: so much of it may lie unused with each of the others."""
FORGET_EVERY_S = 10.0
"""How often windows that are over are looked for: going through 50,000 counters takes 7 ms of the event loop."""
MOST_REMEMBERED = 50_000
PAUSE_AFTER_FAILURE_S = 5.0

# For each counter: when it ends, what to add, how much to reserve, and the sum up to which that may be done.
ADD = """
local sums = {}
for i, key in ipairs(KEYS) do
  local at, n, reserve, most = unpack(ARGV, 4 * i - 3, 4 * i)
  local sum = redis.call('INCRBY', key, n)
  local reserved = 0
  if sum + reserve <= tonumber(most) then
    reserved = tonumber(reserve)
    redis.call('INCRBY', key, reserved)
  end
  redis.call('EXPIREAT', key, at)
  sums[2 * i - 1], sums[2 * i] = sum, reserved
end
return sums
"""


@dataclass(slots=True)
class _Standing:
    """One counter as this process knows it."""

    top: int
    expire_at: int
    known: int = 0
    """The sum that Redis had last, without this process's reserve."""
    reserved: int = 0
    """Requests that may pass here: Redis has added them already."""


@dataclass(slots=True)
class _Call:
    """The next call of Redis: the counters that it is about, and how many requests ask for each."""

    standings: dict[str, _Standing] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    sums: "asyncio.Future[Mapping[str, int] | None]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    def give_back(self, key: str, standing: _Standing) -> None:
        """Take what is reserved and not used off the counter again."""
        self.standings[key] = standing
        self.asked[key] -= standing.reserved
        standing.reserved = 0


class SharedCounts:
    """The counters of one process and their sums in Redis. Counts nothing while Redis is away."""

    def __init__(self, redis: Redis) -> None:
        self._script = redis.register_script(ADD)
        self._standings: dict[str, _Standing] = {}
        self._away_until = 0.0
        self._forget_at = 0.0
        self._used: dict[str, _Standing] = {}
        """Counters whose reserves are to be filled up."""
        self._upkeep: asyncio.Task[None] | None = None
        self._next_call: _Call | None = None
        self._calling: asyncio.Task[None] | None = None

    async def count(self, counters: Sequence[tuple[str, int]], expire_at: int) -> list[int] | None:
        """Count one for each (key, top); what each has come to, or None while Redis is away.

        A key stands for one window: `expire_at` is its end, in seconds since the epoch.
        """
        if monotonic() < self._away_until:
            return None
        standings = {key: self._standings.setdefault(key, _Standing(top, expire_at)) for key, top in counters}
        if self._upkeep is None or self._upkeep.done():
            self._upkeep = asyncio.create_task(self._keep_up())
        if not all(standing.reserved for standing in standings.values()):
            return await self._ask(standings)
        for standing in standings.values():
            standing.reserved -= 1
            standing.known += 1
        self._used.update(standings)
        return [standing.known for standing in standings.values()]

    async def close(self) -> None:
        """Give back what is reserved and not used."""
        for task in (self._upkeep, self._calling):
            if task is not None:
                task.cancel()
        last = _Call()
        for key, standing in self._standings.items():
            if standing.reserved:
                last.give_back(key, standing)
        if last.standings and monotonic() >= self._away_until:
            await self._add(last, reserve=False)

    async def _ask(self, standings: Mapping[str, _Standing]) -> list[int] | None:
        """Count one for each by the next call."""
        call = self._join_call(standings)
        call.asked.update(standings.keys())
        places = {key: call.asked[key] for key in standings}
        sums = await asyncio.shield(call.sums)
        return None if sums is None else [sums[key] - call.asked[key] + places[key] for key in standings]

    def _join_call(self, standings: Mapping[str, _Standing]) -> _Call:
        """The next call, which is about these counters too."""
        call = self._next_call = self._next_call or _Call()
        call.standings.update(standings)
        if self._calling is None:
            self._calling = asyncio.create_task(self._call_for_all())
        return call

    async def _call_for_all(self) -> None:
        """Call Redis until nobody asks any more."""
        try:
            while (call := self._next_call) is not None:
                self._next_call = None
                try:
                    sums = await self._add(call)
                except BaseException:
                    call.sums.cancel()  # nobody waits for what does not come
                    raise
                call.sums.set_result(sums)
        finally:
            self._calling = None

    async def _keep_up(self) -> None:
        """A while after something was counted: fill up the reserves, and now and then forget what is over; everything,
        reserves too, where it is too much to remember."""
        await asyncio.sleep(REFILL_S)
        if self._used:
            self._join_call(self._used)
            self._used = {}
        if len(self._standings) > MOST_REMEMBERED:
            self._standings = {}
        elif monotonic() >= self._forget_at:
            self._forget_at = monotonic() + FORGET_EVERY_S
            self._forget()

    def _forget(self) -> None:
        """Let go of windows that are over."""
        now = time()
        self._standings = {key: standing for key, standing in self._standings.items() if standing.expire_at > now}

    async def _add(self, call: _Call, *, reserve: bool = True) -> Mapping[str, int] | None:
        """Add to each counter the requests that ask for it, and fill up its reserve. The sums, without our reserves;
        None if Redis is away."""
        arguments: list[int] = []
        for key, standing in call.standings.items():
            wanted = max(0, standing.top // RESERVED_SHARE - standing.reserved) if reserve else 0
            arguments += (standing.expire_at, call.asked[key], wanted, standing.top // 2)
        try:
            answer: list[int] = await self._script(keys=list(call.standings), args=arguments)
        except (RedisError, OSError, TimeoutError) as error:
            self._away_until = monotonic() + PAUSE_AFTER_FAILURE_S
            log.warning("requests are not counted for a moment: Redis does not answer (%s)", error)
            return None
        told = zip(call.standings.items(), answer[::2], answer[1::2], strict=True)
        return {key: self._take_in(key, standing, total, reserved) for (key, standing), total, reserved in told}

    def _take_in(self, key: str, standing: _Standing, total: int, reserved: int) -> int:
        """Take what Redis has told of a counter; its sum without our reserve."""
        standing.known = total - standing.reserved
        standing.reserved += reserved
        if standing.reserved and total > standing.top // 2:
            # Near the top nobody keeps what others may need.
            self._join_call({}).give_back(key, standing)
        return standing.known
