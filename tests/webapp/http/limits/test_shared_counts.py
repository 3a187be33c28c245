"""Counters of several processes over one Redis: far from the top they are told in batches, near it they are exact."""

import asyncio
from collections.abc import AsyncIterator, Callable
from time import time

import pytest
from redis.asyncio import Redis

from tests.support.services import TestServices
from webapp.http.limits import shared_counts
from webapp.http.limits.shared_counts import SharedCounts

KEY, TOP = "rate:test:ann:1", 300
END = int(time()) + 600


@pytest.fixture
async def redis(services: TestServices, clean: None) -> AsyncIterator[Redis]:
    opened = Redis.from_url(str(services.settings.redis_url))
    yield opened
    await opened.aclose()


@pytest.fixture
async def process(redis: Redis) -> AsyncIterator[Callable[[], SharedCounts]]:
    """Makes the counters of one more process."""
    made: list[SharedCounts] = []

    def make() -> SharedCounts:
        made.append(SharedCounts(redis))
        return made[-1]

    yield make
    for each in made:
        await each.close()


async def counted(counts: SharedCounts, top: int = TOP) -> int:
    found = await counts.count([(KEY, top)], END)
    assert found is not None
    return found[0]


async def in_redis(redis: Redis) -> int:
    return int(await redis.get(KEY) or 0)


async def test_far_from_the_top_redis_is_told_in_batches(redis: Redis, process: Callable[[], SharedCounts]) -> None:
    counts = process()
    assert [await counted(counts) for _ in range(20)] == list(range(1, 21))
    assert await in_redis(redis) == 1, "only the first of them was asked of Redis"
    await asyncio.sleep(2 * shared_counts.BATCH_S)
    assert await in_redis(redis) == 20
    assert 0 < await redis.ttl(KEY) <= 600


async def test_two_processes_know_of_each_other_after_a_batch(
    redis: Redis, process: Callable[[], SharedCounts]
) -> None:
    one, other = process(), process()
    for _ in range(10):
        await counted(one)
        await counted(other)
    await asyncio.sleep(2 * shared_counts.BATCH_S)
    await counted(one)
    await counted(other)
    await asyncio.sleep(2 * shared_counts.BATCH_S)
    assert await in_redis(redis) == 22
    assert max(await counted(one), await counted(other)) == 23


async def test_from_half_of_the_top_on_each_request_is_counted_at_once(
    redis: Redis, process: Callable[[], SharedCounts]
) -> None:
    one, other = process(), process()
    await redis.set(KEY, TOP // 2)
    seen = [await counted(each) for _ in range(20) for each in (one, other)]
    assert seen == list(range(TOP // 2 + 1, TOP // 2 + 41))


async def test_small_limits_are_exact_whoever_counts(process: Callable[[], SharedCounts]) -> None:
    counters = [process() for _ in range(4)]
    seen = await asyncio.gather(*(counted(counters[number % 4], top=3) for number in range(40)))
    assert sorted(seen) == list(range(1, 41))


async def test_windows_that_are_over_are_forgotten_and_crowds_too(
    process: Callable[[], SharedCounts], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = process()
    await counts.count([("rate:test:over:1", TOP)], int(time()) - 1)
    await counted(counts)
    await asyncio.sleep(3 * shared_counts.BATCH_S)
    assert list(counts._standings) == [KEY]
    monkeypatch.setattr(shared_counts, "MOST_REMEMBERED", 10)
    await counts.count([(f"rate:test:{number}:1", TOP) for number in range(50)], END)
    await asyncio.sleep(3 * shared_counts.BATCH_S)
    assert counts._standings == {}


async def test_a_process_that_ends_tells_the_rest(redis: Redis) -> None:
    counts = SharedCounts(redis)
    for _ in range(7):
        await counted(counts)
    await counts.close()
    assert await in_redis(redis) == 7
