"""Everything that one process keeps between requests, so that there is one place to look for what may be out of date.

=======================  ==============================================  =======  ======  =========================
Cache                    keeps                                           at most  for     dropped by
=======================  ==============================================  =======  ======  =========================
Platform.pages           what everybody is shown: headers, home, cards       512  1 s     every commit of the process
Platform.identities      whose a credential is, for draws and answers       4096  1 s     a credential that ends here
Platform.revocations     what was revoked lately                               1  1 s     a credential that ends here
Platform.projects        a project as draws and answers need it             1024          its version (WB001)
signed.SignedCookies     what signed cookies say, two kinds                 4096  theirs  nothing: they say it for good
fragments.FragmentCache  parts of pages, by all that they show              4096          nothing: they show no more
Page.rendered            parts of a page, by what pages share                             with the page's entry above
fastpath.Addresses       which host and path lead to which route            4096          nothing
renderer.Renderer        compiled templates                                  all          nothing
=======================  ==============================================  =======  ======  =========================

Results of pure functions are kept by `functools` beside the function, and dropped by nobody: in `webapp.i18n`
(formats, catalogues), `config` and `services.contributing.frame_token` (derived keys, signers), `http.security.auth`
(volunteers' cookies), `http.security.guests` and `http.security.address` (hosts, addresses), `http.application` and
`http.fastpath.received` (blueprints, names of headers), `http.locale`, `http.body` and `http.compression` (headers'
values), `http.statics` (files' tags), `urls` (quoted names), `logs` (level names), `services.site.markdown` and
`services.projects.presenters` (rendered text), `services.accounts.accounts` and `db.naming` (skeletons of names),
`api.resource`, `db.columns` and `db.index_order` (a model's columns and indexes), `integrations.outbound` (the TLS
context).
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import Generic, NamedTuple, TypeVar, cast

from cachetools import LRUCache, TLRUCache, TTLCache

from webapp.counters import Lookups

CACHED_S = 1.0
"""How old what people see may be, in seconds."""
KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")
T = TypeVar("T")


class Cache(Generic[KeyT, ValueT]):
    """Values by key: the latest used, so many at the most, for so many seconds."""

    def __init__(self, most: int, *, seconds: float | None = None) -> None:
        self.lookups = Lookups()
        self._values: LRUCache[KeyT, ValueT] | TTLCache[KeyT, ValueT] = (
            LRUCache(most) if seconds is None else TTLCache(most, seconds, timer=monotonic)
        )

    def find(self, key: KeyT) -> ValueT | None:
        """The value, or None where it is not known, or not any more."""
        try:
            value = self._values[key]  # `get` looks twice
        except KeyError:
            self.lookups.misses += 1
            return None
        self.lookups.hits += 1
        return value

    def put(self, key: KeyT, value: ValueT) -> None:
        """Keep the value from now on."""
        self._values[key] = value

    def drop(self, key: KeyT) -> None:
        """The value is not true any more."""
        self._values.pop(key, None)

    def clear(self) -> None:
        """None of the values may be true any more."""
        self._values.clear()


class _Read(NamedTuple):
    """A value, and when reading it was begun."""

    begun: float
    value: object


class MicroCache:
    """Values that many callers ask for at the same time, each read by one of them.

    Two things keep it honest: nothing is older than `seconds`, counted from before it was read, and `clear` drops also
    what is being read just then.
    """

    def __init__(self, most: int, *, seconds: float = CACHED_S) -> None:
        self.lookups = Lookups()
        self.seconds = seconds
        self._values: TLRUCache[Hashable, _Read] = TLRUCache(
            most, ttu=lambda _key, read, _now: read.begun + self.seconds, timer=monotonic
        )
        self._reading: dict[Hashable, asyncio.Lock] = {}
        self._n_clearings = 0

    async def get(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """The value as it was read lately, or as it is read now; what `read` raises is not kept."""
        if (known := self._values.get(key)) is not None:
            self.lookups.hits += 1
            return cast(T, known.value)
        lock = self._reading.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                # Many may have waited here for the one who read it.
                if (known := self._values.get(key)) is not None:
                    self.lookups.hits += 1
                    return cast(T, known.value)
                self.lookups.misses += 1
                begun, n_clearings = monotonic(), self._n_clearings
                value = await read()
                if n_clearings == self._n_clearings:
                    self._values[key] = _Read(begun, value)
                return value
        finally:
            if not lock.locked():
                self._reading.pop(key, None)

    def clear(self) -> None:
        """Something has changed: all is forgotten, and what is being read now will not be kept."""
        self._n_clearings += 1
        self._values.clear()
