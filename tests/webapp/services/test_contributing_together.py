"""Many who draw, answer and hold in the same moment, whose calls the database makes together (`db.batching`)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from db.errors import TransientError
from db.queries.assignment.contribution import ProjectForContribution
from db.queries.assignment.drawing import DrawnTask
from db.queries.assignment.submitting import Submitted
from db.session import Database
from tests.factories import make_project, make_tasks, make_user, project_facts
from tests.support.invariants import breaches
from webapp.errors import Forbidden
from webapp.services.contributing import contributing
from webapp.services.contributing.contributing import Contributor
from webapp.services.contributing.scheduling import SCHEDULERS


@dataclass(frozen=True, slots=True)
class Site:
    """A project, and what volunteers do there, each call committed by itself."""

    database: Database
    facts: ProjectForContribution

    async def draw(self, who: Contributor, offset: int = 0) -> list[DrawnTask]:
        return await retried(lambda: contributing.draw(self.database.autocommit, who, self.facts, offset=offset))

    async def submit(self, who: Contributor, task_id: int, key: str | None = None) -> Submitted:
        return await retried(
            lambda: contributing.store_answer(
                self.database.autocommit, who, self.facts, task_id=task_id, info="yes", idempotency_key=key
            )
        )

    async def hold(self, who: Contributor, task_id: int) -> bool:
        return await retried(lambda: contributing.lease(self.database.autocommit, who, self.facts, task_id))

    async def count(self, what: str) -> int:
        [(number,)] = await self.database.autocommit.fetch(f"SELECT count(*) FROM {what}")
        return int(number)

    async def breaches(self) -> list[object]:
        async with self.database.unit() as uow:
            return list(await breaches(uow.session, self.facts.id))


Made = TypeVar("Made")


async def retried(step: Callable[[], Awaitable[Made]]) -> Made:
    """As the server does it: once more while others are in the way."""
    while True:
        try:
            return await step()
        except TransientError:
            await asyncio.sleep(0.005)


async def a_site(database: Database, n_tasks: int, n_answers: int, sched: str = "default") -> Site:
    async with database.unit() as uow:
        owner = await make_user(uow.session)
        project = await make_project(uow.session, owner, info={"task_presenter": "<p></p>", "sched": sched})
        await make_tasks(uow.session, project, n_tasks, n_answers=n_answers)
    async with database.unit() as uow:
        return Site(database, await project_facts(uow.session, project))


def people(number: int) -> list[Contributor]:
    return [Contributor(f"anon:v{place}", user_ip="10.0.0.1") for place in range(number)]


@dataclass(slots=True)
class Watched:
    """What was asked of the database: how many calls were in each batch, and the contributor of each call that was made
    alone."""

    batches: list[int] = field(default_factory=list)
    alone: list[object] = field(default_factory=list)


@pytest.fixture
def watched(database: Database, monkeypatch: pytest.MonkeyPatch) -> Watched:
    calls = database.autocommit.batches
    fetch, found = calls._fetch, Watched()

    async def watching(statement: str, *values: Any) -> list[Any]:
        if "WITH ORDINALITY" in statement:
            found.batches.append(len(values[0]))
        else:
            found.alone.append(next(value for value in values if isinstance(value, str) and ":" in value))
        return await fetch(statement, *values)

    monkeypatch.setattr(calls, "_fetch", watching)
    return found


@pytest.mark.parametrize("sched", sorted(set(SCHEDULERS) - {"depth_first_all"}))
async def test_each_task_gets_its_answers_and_not_one_more(database: Database, watched: Watched, sched: str) -> None:
    site = await a_site(database, n_tasks=20, n_answers=3, sched=sched)

    async def work(who: Contributor) -> int:
        done = 0
        while tasks := await site.draw(who):
            await site.submit(who, tasks[0].id)
            done += 1
        return done

    done = await asyncio.gather(*map(work, people(12)))
    assert await site.breaches() == []
    assert (sum(done), await site.count("task_run"), await site.count("result")) == (60, 60, 20)
    assert await site.count("task_run WHERE NOT counted") == 0
    assert max(watched.batches) > 3


@pytest.mark.parametrize(
    ("sched", "asked"),
    [
        ("depth_first_all", {}),
        ("random", {}),
        ("default", {"orderby": "info"}),
        ("default", {"offset": 50}),
        ("default", {"limit": 50}),
    ],
)
async def test_a_draw_that_may_take_long_goes_with_nobody(
    database: Database, watched: Watched, sched: str, asked: dict[str, Any]
) -> None:
    site = await a_site(database, n_tasks=60, n_answers=3, sched=sched)
    drawn = await asyncio.gather(
        *(contributing.draw(database.autocommit, who, site.facts, **asked) for who in people(3))
    )
    assert all(drawn)
    assert watched.batches == []


async def test_two_draws_of_one_volunteer_at_once_hold_one_task(database: Database, watched: Watched) -> None:
    site = await a_site(database, n_tasks=20, n_answers=1)
    who = people(6)
    drawn = await asyncio.gather(*(site.draw(one) for one in who + who))
    assert watched.batches == [12]
    assert [task.id for [task] in drawn[:6]] == [task.id for [task] in drawn[6:]]
    assert await site.count("assignment WHERE state = 'leased'") == 6
    assert await site.breaches() == []


async def test_an_answer_sent_twice_at_once_is_one_run(database: Database, watched: Watched) -> None:
    site = await a_site(database, n_tasks=20, n_answers=2)
    who = people(5)
    held = [(one, (await site.draw(one))[0].id) for one in who]
    made = await asyncio.gather(*(site.submit(one, task, f"{one.key}-1") for one, task in held + held))
    assert watched.batches[-1] == 10
    assert [one.run_id for one in made[:5]] == [one.run_id for one in made[5:]]
    assert sorted(one.outcome for one in made) == ["repeated"] * 5 + ["stored"] * 5
    assert await site.breaches() == []


async def test_a_refused_answer_among_others_is_the_only_one_refused(database: Database) -> None:
    site = await a_site(database, n_tasks=5, n_answers=5)
    first, second, stranger = people(3)
    tasks = [(await site.draw(one))[0].id for one in (first, second)]
    made = await asyncio.gather(
        site.submit(first, tasks[0]),
        site.submit(stranger, tasks[0]),
        site.submit(second, tasks[1]),
        return_exceptions=True,
    )
    assert isinstance(made[1], Forbidden)
    assert await site.count("task_run") == 2


async def test_a_changed_project_is_noticed_by_everybody(database: Database) -> None:
    site = await a_site(database, n_tasks=5, n_answers=5)
    await database.autocommit.fetch("UPDATE project SET name = name || '!'")
    draws = (contributing.draw(database.autocommit, one, site.facts) for one in people(3))
    made = await asyncio.gather(*draws, return_exceptions=True)
    assert [type(error).__name__ for error in made] == ["StaleVersion"] * 3
    assert await site.count("assignment") == 0


async def test_slots_past_their_deadline_go_to_those_who_ask_together(database: Database, watched: Watched) -> None:
    site = await a_site(database, n_tasks=6, n_answers=1)
    away, here = people(12)[:6], people(12)[6:]
    forgotten = await asyncio.gather(*map(site.draw, away))
    assert [await site.draw(one) for one in here] == [[]] * 6
    await database.autocommit.fetch("UPDATE assignment SET deadline = now() - interval '1 second'")
    drawn = await asyncio.gather(*map(site.draw, here))
    assert len({task.id for [task] in drawn}) == 6
    late = await asyncio.gather(*(site.submit(one, task.id) for one, [task] in zip(away, forgotten, strict=True)))
    assert not any(one.counted for one in late), "their slots are held by others"
    assert await site.breaches() == []


async def test_browsers_that_preload_answer_and_hold_together(database: Database, watched: Watched) -> None:
    site = await a_site(database, n_tasks=30, n_answers=2)

    async def browse(who: Contributor) -> None:
        [current] = await site.draw(who)
        while following := [task for task in await site.draw(who, offset=1) if task.id != current.id]:
            assert (await site.submit(who, current.id)).counted
            if not await site.hold(who, following[0].id):
                following = await site.draw(who)
            if not following:
                return
            current = following[0]
        await site.submit(who, current.id)

    await asyncio.gather(*map(browse, people(10)))
    assert await site.breaches() == []
    assert await site.count("task_run WHERE counted") >= 50
    assert max(watched.batches) > 3


async def test_a_volunteer_who_is_at_something_else_holds_up_nobody(database: Database) -> None:
    site = await a_site(database, n_tasks=20, n_answers=1)
    busy, *others = people(4)
    async with database.unit() as uow:
        await contributing.draw(uow.in_session, busy, site.facts)
        waiting = asyncio.create_task(site.draw(busy))
        await asyncio.sleep(0.03)
        drawn = await asyncio.wait_for(asyncio.gather(*map(site.draw, others)), 5)
        assert all(drawn) and not waiting.done()
    assert len({task.id for [task] in [*drawn, await waiting]}) == 4


async def test_who_has_answered_much_and_forgotten_where_they_were_holds_up_nobody(
    database: Database, watched: Watched
) -> None:
    """Their list is looked through from its beginning: by itself, and only once."""
    site = await a_site(database, n_tasks=30, n_answers=3)
    long_here, *others = people(4)
    [task] = await site.draw(long_here)
    await site.submit(long_here, task.id)
    watched.alone.clear()
    await database.autocommit.fetch("UPDATE contributor_progress SET n_runs = 100000")
    for _ in range(2):
        drawn = await asyncio.gather(*map(site.draw, [long_here, *others]))
        assert all(drawn)
    assert watched.alone == [long_here.key]
