"""No page grows with the site (issue F): what every address that can be read looks at in the database, and how much it
sends, on a small site and on one that is six times as large in every direction. `python -m benchmarks growth` does the
same on a site that is a thousand times as large, with processor time."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import asyncpg
import pytest
from quart import Quart

from benchmarks.support.growing import Around, Growth, grow
from db.models import METADATA, User
from db.session import Database
from tests.support.blocks import BlockCounter, block_counter
from tests.support.client import Client
from tests.support.crawling import Populated, clients, populate
from tests.support.services import TestServices
from tests.support.visits import Address, must_grow, read, visits, warm_up
from webapp.runtime.embedded.postgres import DATABASE, ROLE, SUPERUSER

SMALL = Growth(accounts=1500, projects=250, tasks=5000, answers=12_500, entries=60)
"""Every list fills its page, and the database plans as it does later."""
TIMES = 6
MORE = 1.25
"""So many times as much is as good as the same. What six times the rows make twice as dear, thousands of times the rows
make hundreds of times as dear."""
FEW_BLOCKS, FEW_BYTES = 30, 2000
"""So much more is as good as the same, too: indexes have a level more, rows are further apart, numbers are longer."""
WORSE = 1.5
"""More than so many times as dear as it is said to be in `GROWS` is new."""
GROWS: dict[str, dict[str, float]] = {}
"""Addresses that do grow, by what is to be mended, and how many times as dear the large site makes them: none. Whoever
mends one takes it out."""
CONSTANT = frozenset({"category", "category_total", "figure_state", "score_count", "site_day", "site_total"})
"""Tables that do not grow with their site, or less than it."""


@dataclass(frozen=True, slots=True)
class Cost:
    n_blocks: int
    n_bytes: int
    dearest: str
    """The statement that looks at most of the blocks."""

    def times(self, small: "Cost") -> float:
        """How many times as dear as on the small site; 1 if it is as good as the same."""
        pairs = ((small.n_blocks, self.n_blocks, FEW_BLOCKS), (small.n_bytes, self.n_bytes, FEW_BYTES))
        return max(after / max(1, before) if after > MORE * before + few else 1.0 for before, after, few in pairs)


Costs = dict[tuple[str, str], Cost]
"""Of each address and role."""


@dataclass(frozen=True, slots=True)
class Site:
    """The site, as large as it is just now."""

    app: Quart
    populated: Populated
    clients: dict[str, Client]
    counter: BlockCounter
    filler: asyncpg.Connection

    async def grow(self, growth: Growth) -> None:
        people = {role: self.populated.people[role].id for role in ("owner", "volunteer", "admin")}
        around = Around(project=self.populated.project_id, **people)
        self.populated.places.update(await grow(self.filler, self.populated.database, around, growth))

    async def costs(self) -> Costs:
        """Of each address and role."""
        await warm_up(self.app, self.populated, self.clients)
        return {
            (address.name, role): await self._cost(role, address)
            async for role, address in visits(self.app, self.populated, self.clients)
        }

    async def _cost(self, role: str, address: Address) -> Cost:
        self.counter.begin()
        answer = await read(self.app, self.clients[role], address)
        statements = self.counter.statements()
        n_blocks = sum(one.n_blocks for one in statements)
        return Cost(n_blocks, len(answer.content), statements[0].query if statements else "")

    async def n_rows(self) -> dict[str, int]:
        """Of each table."""
        return {name: await self.filler.fetchval(f"SELECT count(*) FROM {name}") for name in METADATA.tables}


@pytest.fixture
async def site(
    app: Quart, services: TestServices, database: Database, as_user: Callable[[User], Client]
) -> AsyncIterator[Site]:
    """A small one."""
    populated = await populate(database)
    filler = await asyncpg.connect(services.superuser_url.replace(f"/{SUPERUSER}?", f"/{DATABASE}?"))
    with block_counter(services.superuser_url, ROLE) as counter:
        small = Site(app, populated, clients(app, populated, as_user), counter, filler)
        await small.grow(SMALL)
        yield small
    await filler.close()


async def test_no_page_grows_but_those_named(site: Site) -> None:
    before, small = await site.n_rows(), await site.costs()
    await site.grow(SMALL.times(TIMES - 1))
    after, large = await site.n_rows(), await site.costs()
    assert {name for name in METADATA.tables if after[name] < before[name] * TIMES / 2} == CONSTANT

    assert len(large) > 500
    if _growing(small, large)[1]:
        # How many blocks an index leads to depends on what autovacuum has come to: the lesser of two looks counts.
        again = await site.costs()
        large = {place: min(cost, again[place], key=lambda one: one.n_blocks) for place, cost in large.items()}
    growing, wrong = _growing(small, large)
    wrong += [f"{name} does not grow any more: take it out of GROWS" for name in sorted(set(_named()) - growing)]
    assert not wrong, "\n".join(["", *wrong])


def _named() -> dict[str, float]:
    """Those that may grow, and how many times."""
    return {name: times for routes in GROWS.values() for name, times in routes.items()}


def _growing(small: Costs, large: Costs) -> tuple[set[str], list[str]]:
    """Which addresses grow, and what is wrong with those that grow by more than they may."""
    growing, wrong = set(), []
    for (name, role), cost in large.items():
        was = small[name, role]
        times = cost.times(was)
        if must_grow(name, role) or times == 1:
            continue
        growing.add(name)
        if times > WORSE * _named().get(name, 0):
            told = f"{was.n_blocks} -> {cost.n_blocks} blocks, {was.n_bytes} -> {cost.n_bytes} bytes"
            wrong.append(f"{name} as {role} is {times:.1f} times as dear: {told}; most of it for {cost.dearest:.300}")
    return growing, wrong
