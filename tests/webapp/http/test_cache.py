"""What a process keeps between requests."""

import asyncio
import re
from pathlib import Path

import pytest

from webapp.http import cache
from webapp.http.cache import Cache, MicroCache

MOST = 8


class Source:
    """Gives 1, 2, 3, … each time it is read; waits until `gate` is set."""

    def __init__(self) -> None:
        self.reads = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def read(self) -> int:
        self.reads += 1
        value = self.reads
        await self.gate.wait()
        return value


async def test_many_who_ask_at_once_are_answered_by_one_reading() -> None:
    memory, source = MicroCache(MOST), Source()
    source.gate.clear()
    asked = [asyncio.create_task(memory.get("home", source.read)) for _ in range(20)]
    await asyncio.sleep(0.01)
    source.gate.set()
    assert await asyncio.gather(*asked) == [1] * 20


async def test_nothing_is_older_than_its_lifetime_counted_from_before_it_was_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(cache, "monotonic", lambda: now)
    memory, source = MicroCache(MOST), Source()

    async def slow() -> int:
        nonlocal now
        value = await source.read()
        now += 0.7
        return value

    assert await memory.get("home", slow) == 1
    now += 0.29
    assert await memory.get("home", source.read) == 1
    now += 0.02
    assert await memory.get("home", source.read) == 2


async def test_what_was_being_read_when_something_changed_is_not_kept() -> None:
    memory, source = MicroCache(MOST), Source()
    source.gate.clear()
    reading = asyncio.create_task(memory.get("home", source.read))
    await asyncio.sleep(0.01)
    memory.clear()
    source.gate.set()
    assert await reading == 1
    assert await memory.get("home", source.read) == 2


async def test_a_write_drops_what_was_read_from_its_tables_and_nothing_else() -> None:
    memory, ours, others = MicroCache(MOST), Source(), Source()
    for _ in range(2):
        await memory.get("header", ours.read, tables=["project", "category"])
        await memory.get("people", others.read, tables=["users"])
    memory.drop({"category"})
    assert await memory.get("header", ours.read, tables=["project", "category"]) == 2
    assert await memory.get("people", others.read, tables=["users"]) == 1


async def test_what_was_being_read_when_its_table_was_written_is_not_kept() -> None:
    memory, source = MicroCache(MOST), Source()
    source.gate.clear()
    reading = asyncio.create_task(memory.get("header", source.read, tables=["project"]))
    await asyncio.sleep(0.01)
    memory.drop({"project"})
    source.gate.set()
    assert await reading == 1
    assert await memory.get("header", source.read, tables=["project"]) == 2


async def test_others_get_the_old_value_while_one_reads_it_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(cache, "monotonic", lambda: now)
    memory, source = MicroCache(MOST, stale_seconds=4.0), Source()
    await memory.get("home", source.read, tables=["project"])
    now += 1.1
    source.gate.clear()
    reading = asyncio.create_task(memory.get("home", source.read, tables=["project"]))
    await asyncio.sleep(0.01)
    assert await memory.get("home", source.read, tables=["project"]) == 1
    now += 4.0
    too_old = asyncio.create_task(memory.get("home", source.read, tables=["project"]))
    await asyncio.sleep(0.01)
    assert not too_old.done()
    source.gate.set()
    assert await reading == 2
    # What was read is as old as when reading it was begun.
    assert await too_old == 3


async def test_what_was_dropped_is_not_given_as_stale() -> None:
    memory, source = MicroCache(MOST, stale_seconds=60.0), Source()
    await memory.get("home", source.read, tables=["project"])
    memory.drop({"project"})
    source.gate.clear()
    asked = [asyncio.create_task(memory.get("home", source.read, tables=["project"])) for _ in range(3)]
    await asyncio.sleep(0.01)
    source.gate.set()
    assert await asyncio.gather(*asked) == [2, 2, 2]


async def test_a_reader_who_fails_or_leaves_lets_the_next_one_read() -> None:
    memory, source = MicroCache(MOST), Source()

    async def broken() -> int:
        raise LookupError

    with pytest.raises(LookupError):
        await memory.get("home", broken)
    source.gate.clear()
    leaving = asyncio.create_task(memory.get("home", source.read))
    waiting = asyncio.create_task(memory.get("home", source.read))
    await asyncio.sleep(0.01)
    leaving.cancel()
    source.gate.set()
    assert await waiting == 2


async def test_the_oldest_is_let_go_of() -> None:
    memory, source = MicroCache(MOST), Source()
    for key in range(MOST + 1):
        await memory.get(key, source.read)
    reads = source.reads
    await memory.get(MOST, source.read)
    assert source.reads == reads
    await memory.get(0, source.read)
    assert source.reads == reads + 1


def test_a_value_is_found_as_long_as_it_is_true(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(cache, "monotonic", lambda: now)
    kept: Cache[str, int] = Cache(MOST, seconds=1.0)
    kept.put("a", 1)
    now += 0.9
    assert kept.find("a") == 1
    now += 0.2
    assert kept.find("a") is None
    assert (kept.lookups.hits, kept.lookups.misses) == (1, 1)


def test_dropped_values_are_not_found() -> None:
    kept: Cache[str, int] = Cache(MOST)
    kept.put("a", 1)
    kept.put("b", 2)
    kept.drop("a")
    kept.drop("never there")
    assert (kept.find("a"), kept.find("b")) == (None, 2)
    kept.clear()
    assert kept.find("b") is None


def test_the_value_used_longest_ago_makes_room() -> None:
    kept: Cache[int, int] = Cache(MOST)
    for key in range(MOST):
        kept.put(key, key)
    kept.find(0)
    kept.put(MOST, MOST)
    assert (kept.find(0), kept.find(1)) == (0, None)


MEMOIZED = re.compile(r"^\s*@(?:lru_cache|cache)\b|= lru_cache\(", re.MULTILINE)


def test_every_memoized_function_is_in_the_list() -> None:
    """The module's docstring says where to look for what may be out of date: all of it, or it is worth nothing."""
    root = Path(cache.__file__).parents[2]
    files = (path for folder in ("webapp", "db") for path in (root / folder).rglob("*.py"))
    modules = {
        path.relative_to(root).with_suffix("").as_posix().replace("/", ".")
        for path in files
        if MEMOIZED.search(path.read_text())
    }
    listed = cache.__doc__ or ""
    missing = {name for name in modules if name.removeprefix("webapp.").removeprefix("http.") not in listed}
    assert not missing
