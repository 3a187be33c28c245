"""Counters of several processes over one Redis: no more passes than the limit, whoever counts."""

import asyncio
from collections.abc import AsyncIterator, Callable
from time import monotonic, time

import pytest
from redis.asyncio import Redis

from tests.support.services import TestServices
from webapp.http.limits import shared_counts
from webapp.http.limits.shared_counts import SharedCounts

KEY, TOP = "rate:test:ann:1", 300
RESERVE = TOP // shared_counts.RESERVED_SHARE
WINDOW_S = 600


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
    found = await counts.count([(KEY, top)], int(time()) + WINDOW_S)
    assert found is not None
    return found[0]


async def in_redis(redis: Redis) -> int:
    return int(await redis.get(KEY) or 0)


async def test_far_from_the_top_a_reserve_lets_requests_pass(redis: Redis, process: Callable[[], SharedCounts]) -> None:
    counts = process()
    assert [await counted(counts) for _ in range(1 + RESERVE)] == list(range(1, 2 + RESERVE))
    assert await in_redis(redis) == 1 + RESERVE, "the first was asked of Redis, with a reserve for the rest"
    await asyncio.sleep(2 * shared_counts.REFILL_S)
    assert await in_redis(redis) == 1 + 2 * RESERVE
    assert 0 < await redis.ttl(KEY) <= WINDOW_S


async def test_two_processes_know_of_each_other(redis: Redis, process: Callable[[], SharedCounts]) -> None:
    one, other = process(), process()
    for _ in range(10):
        await counted(one)
        await counted(other)
    await one.close()
    await other.close()
    assert await in_redis(redis) == 20
    assert await counted(process()) == 21


async def test_a_process_that_knows_nothing_new_lets_no_more_pass(process: Callable[[], SharedCounts]) -> None:
    """Its reserve was added to the count before: what others have used up since then is not passed once more."""
    idle, busy = process(), process()
    await counted(idle)
    passed = 1 + sum([await counted(busy) <= TOP for _ in range(2 * TOP)])
    passed += sum([await counted(idle) <= TOP for _ in range(2 * TOP)])
    assert passed == TOP


async def test_a_flood_over_all_processes_passes_the_limit_and_no_more(process: Callable[[], SharedCounts]) -> None:
    counters = [process() for _ in range(4)]
    for counts in counters:
        await counted(counts)
    seen = await asyncio.gather(*(counted(counters[number % 4]) for number in range(4 * TOP)))
    assert TOP - len(counters) * (1 + RESERVE) <= sum(count <= TOP for count in seen) <= TOP - len(counters)


async def calls(redis: Redis) -> int:
    return int((await redis.info("commandstats"))["cmdstat_evalsha"]["calls"])


async def test_requests_that_wait_share_a_call(redis: Redis, process: Callable[[], SharedCounts]) -> None:
    counts = process()
    await counted(counts, top=3)
    before = await calls(redis)
    await asyncio.gather(*(counted(counts, top=3) for _ in range(500)))
    assert await calls(redis) - before <= 2


async def test_far_from_the_top_many_at_once_ask_once_and_then_only_fill_up(
    redis: Redis, process: Callable[[], SharedCounts]
) -> None:
    counts, top, begun = process(), 1_000_000, monotonic()
    await counted(counts, top)
    before = await calls(redis)

    async def go_on() -> None:
        for _ in range(200):
            await counted(counts, top)
            await asyncio.sleep(0)

    await asyncio.gather(*(go_on() for _ in range(20)))
    assert await calls(redis) - before <= (monotonic() - begun) / shared_counts.REFILL_S + 1


async def test_from_half_of_the_top_on_each_request_is_counted_at_once(
    redis: Redis, process: Callable[[], SharedCounts]
) -> None:
    one, other = process(), process()
    await redis.set(KEY, TOP // 2)
    seen = [await counted(each) for _ in range(20) for each in (one, other)]
    assert seen == list(range(TOP // 2 + 1, TOP // 2 + 41)) and await in_redis(redis) == TOP // 2 + 40


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
    await asyncio.sleep(3 * shared_counts.REFILL_S)
    assert list(counts._standings) == [KEY]
    standings = counts._standings
    await counts.count([("rate:test:over:1", TOP)], int(time()) - 1)
    await asyncio.sleep(3 * shared_counts.REFILL_S)
    assert counts._standings is standings, "they are not gone through at every turn"
    monkeypatch.setattr(shared_counts, "MOST_REMEMBERED", 10)
    await counts.count([(f"rate:test:{number}:1", TOP) for number in range(50)], int(time()) + WINDOW_S)
    await asyncio.sleep(3 * shared_counts.REFILL_S)
    assert counts._standings == {}


async def test_a_process_that_ends_gives_its_reserve_back(redis: Redis) -> None:
    counts = SharedCounts(redis)
    for _ in range(7):
        await counted(counts)
    await counts.close()
    assert await in_redis(redis) == 7


async def test_whoever_leaves_takes_nothing_from_those_who_wait_with_them(
    process: Callable[[], SharedCounts],
) -> None:
    counts = process()
    waiting = [asyncio.create_task(counted(counts)) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    assert await asyncio.gather(*waiting[1:]) == [2, 3]
