"""What is the same for everybody who only looks, remembered for a second by this process.

For pages whose facts many people ask for at the same time. Two things keep it honest: nothing is older than a second,
counted from before it was read; and whatever this process commits drops all of it (another process' commit is seen
within the second). Who has just changed something, or may change the thing, is not answered from it: the views see to
that (`Call.only_looks`).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import TypeVar, cast

from webapp.counters import Looks

T = TypeVar("T")
LIFETIME_S = 1.0
CAPACITY = 512


class ShortMemory:
    """Values by key, each read by one caller at a time."""

    def __init__(self) -> None:
        self.looks = Looks()
        self._values: OrderedDict[Hashable, tuple[float, object]] = OrderedDict()
        self._reading: dict[Hashable, asyncio.Lock] = {}
        self._drops = 0

    async def get(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """The value as it was read within the last second, or as it is read now; what `read` raises is not kept."""
        if (known := self._fresh(key)) is not None:
            self.looks.hits += 1
            return cast(T, known[1])
        lock = self._reading.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                # Many may have waited here for the one who read it.
                if (known := self._fresh(key)) is not None:
                    self.looks.hits += 1
                    return cast(T, known[1])
                self.looks.misses += 1
                begun, drops = monotonic(), self._drops
                value = await read()
                if drops == self._drops:
                    self._keep(key, begun, value)
                return value
        finally:
            if not lock.locked():
                self._reading.pop(key, None)

    def _fresh(self, key: Hashable) -> tuple[float, object] | None:
        known = self._values.get(key)
        return known if known is not None and monotonic() - known[0] < LIFETIME_S else None

    def _keep(self, key: Hashable, begun: float, value: object) -> None:
        self._values[key] = (begun, value)
        self._values.move_to_end(key)
        while len(self._values) > CAPACITY:
            self._values.popitem(last=False)

    def drop(self) -> None:
        """Something has changed: all is forgotten, and what is being read now will not be kept."""
        self._drops += 1
        self._values.clear()
