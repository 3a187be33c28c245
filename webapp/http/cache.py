"""Everything that one process keeps between requests, so that there is one place to look for what may be out of date.

=======================  ==============================================  =======  ======  =========================
Cache                    keeps                                           at most  for     dropped by
=======================  ==============================================  =======  ======  =========================
Platform.pages           what everybody is shown: headers, home, cards       512  1 s     who writes its tables
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
`api.resource`, `db.columns` and `db.index_order` (a model's columns and indexes), `db.session` (tables that a statement
writes), `integrations.outbound` (the TLS context), `integrations.letters` (the templates of mails).
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterable
from time import monotonic
from typing import Generic, NamedTuple, TypeVar, cast

from cachetools import LRUCache, TLRUCache, TTLCache

from webapp.counters import Lookups

CACHED_S = 1.0
"""How old what people see may be, in seconds, before it is read again."""
STALE_S = 4.0
"""How much older it may be while somebody reads it again: the others do not wait for that."""
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
    """A value, when reading it was begun, and how often each of its tables had been written then."""

    begun: float
    writes: tuple[int, ...]
    value: object


class MicroCache:
    """Values that many callers ask for at the same time, each read by one of them.

    What is older than `seconds`, counted from before it was read, is read again by the first who asks; until that is
    there, for `stale_seconds` at most, others get the old one. `drop` makes values unknown, also those that are being
    read just then.
    """

    def __init__(self, most: int, *, seconds: float = CACHED_S, stale_seconds: float = 0.0) -> None:
        self.lookups = Lookups()
        self.seconds = seconds
        self._stale_seconds = stale_seconds
        self._values: TLRUCache[Hashable, _Read] = TLRUCache(
            most, ttu=lambda _key, read, _now: read.begun + self.seconds + stale_seconds, timer=monotonic
        )
        self._reading: dict[Hashable, asyncio.Lock] = {}
        self._writes: Counter[str] = Counter()
        self._n_clearings = 0

    async def get(self, key: Hashable, read: Callable[[], Awaitable[T]], *, tables: Iterable[str] = ()) -> T:
        """The value as it was read lately, or as it is read now; what `read` raises is not kept. `tables` are those
        whose writers drop it, the same for a key each time."""
        lock = self._reading.get(key)
        is_being_read = lock is not None and lock.locked()
        if (known := self._known(key, tables, may_be_stale=is_being_read)) is not None:
            return cast(T, known.value)
        if lock is None:
            lock = self._reading[key] = asyncio.Lock()
        try:
            async with lock:
                # Many may have waited here for the one who read it.
                if (known := self._known(key, tables)) is not None:
                    return cast(T, known.value)
                self.lookups.misses += 1
                begun, writes, n_clearings = monotonic(), self._writes_of(tables), self._n_clearings
                value = await read()
                if n_clearings == self._n_clearings:
                    self._values[key] = _Read(begun, writes, value)
                return value
        finally:
            if not lock.locked():
                self._reading.pop(key, None)

    def _known(self, key: Hashable, tables: Iterable[str], *, may_be_stale: bool = False) -> _Read | None:
        known = self._values.get(key)
        if known is None or known.writes != self._writes_of(tables):
            return None
        if not may_be_stale and monotonic() >= known.begun + self.seconds:
            return None
        self.lookups.hits += 1
        return known

    def _writes_of(self, tables: Iterable[str]) -> tuple[int, ...]:
        return tuple(self._writes[table] for table in tables)

    def drop(self, tables: Iterable[str]) -> None:
        """These tables have been written: what was read from them before is not true any more."""
        self._writes.update(tables)

    def clear(self) -> None:
        """Something has changed: all is forgotten, and what is being read now will not be kept."""
        self._n_clearings += 1
        self._values.clear()
