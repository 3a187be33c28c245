"""What a process remembers for a second."""

import asyncio

import pytest

from webapp.services import short_memory
from webapp.services.short_memory import ShortMemory


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
    memory, source = ShortMemory(), Source()
    source.gate.clear()
    asked = [asyncio.create_task(memory.get("home", source.read)) for _ in range(20)]
    await asyncio.sleep(0.01)
    source.gate.set()
    assert await asyncio.gather(*asked) == [1] * 20


async def test_nothing_is_older_than_its_lifetime_counted_from_before_it_was_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(short_memory, "monotonic", lambda: now)
    memory, source = ShortMemory(), Source()

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
    memory, source = ShortMemory(), Source()
    source.gate.clear()
    reading = asyncio.create_task(memory.get("home", source.read))
    await asyncio.sleep(0.01)
    memory.drop()
    source.gate.set()
    assert await reading == 1
    assert await memory.get("home", source.read) == 2


async def test_a_reader_who_fails_or_leaves_lets_the_next_one_read() -> None:
    memory, source = ShortMemory(), Source()

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
    memory, source = ShortMemory(), Source()
    for key in range(short_memory.CAPACITY + 1):
        await memory.get(key, source.read)
    reads = source.reads
    await memory.get(short_memory.CAPACITY, source.read)
    assert source.reads == reads
    await memory.get(0, source.read)
    assert source.reads == reads + 1
