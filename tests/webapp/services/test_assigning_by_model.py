"""Handing out tasks against a model in memory: whatever is done in whatever order, the database says the same."""

import asyncio
from collections.abc import Iterator
from time import monotonic

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from db.session import Database
from tests.support.assigning.model import (
    ANSWERED,
    LEASED,
    OFFERED,
    RESERVED,
    SCHEDULER_RULES,
    Model,
    Refused,
    Run,
    Task,
)
from tests.support.assigning.world import World, compare
from tests.support.services import TestServices
from webapp.errors import BadRequest, Forbidden
from webapp.services.contributing.contributing import Contributor
from webapp.services.contributing.scheduling import SCHEDULERS

people = st.integers(0, 3)
picks = st.integers(0, 11)
orders = st.sampled_from(["id", "id", "id", "priority_0", "created", "n_answers"])
redundancies = st.sampled_from([1, 1, 2, 2, 3])
priorities = st.sampled_from([0.0, 0.5, 1.0])
# Minutes that lie far from the time of a hold: 630 seconds.
times = st.sampled_from([60.0, 240.0, 660.0, 660.0, 4020.0])


class Assigning(RuleBasedStateMachine):
    """Everything that volunteers, owners and the clock do to one project."""

    scheduler: str
    world: World

    def __init__(self) -> None:
        super().__init__()
        self.began = monotonic()
        self.model = Model(SCHEDULER_RULES[self.scheduler])
        self.people: list[Contributor] = []
        self.gone: list[int] = []
        self.said = 0

    # Owners -----------------------------------------------------------------------------------------------------------

    @initialize(
        wanted=st.lists(st.tuples(redundancies, priorities), min_size=6, max_size=10),
        done=st.lists(people, min_size=6, max_size=14),
    )
    def begin(self, wanted: list[tuple[int, float]], done: list[int]) -> None:
        """Somebody has been at work before anything else happens."""
        self.people = self.world.begin(self.scheduler)
        self._add(wanted)
        for who in done:
            for task_id in self._draw(self.people[who]):
                self._answer(self.people[who], task_id, named=True)

    @rule(wanted=st.lists(st.tuples(redundancies, priorities), min_size=1, max_size=2))
    @precondition(lambda self: len(self.model.tasks) < 12)
    def add_tasks(self, wanted: list[tuple[int, float]]) -> None:
        self._add(wanted)

    def _add(self, wanted: list[tuple[int, float]]) -> None:
        for (number, created), (n_answers, priority) in zip(self.world.add_tasks(wanted), wanted, strict=True):
            self.model.tasks[number] = Task(number, n_answers, priority, created)

    @rule(pick=picks)
    @precondition(lambda self: len(self.model.tasks) > 1)
    def delete_a_task(self, pick: int) -> None:
        task = self._task(pick)
        self.world.delete_task(task.id)
        del self.model.tasks[task.id]
        self.gone.append(task.id)

    @rule(pick=picks, n_answers=st.integers(1, 4))
    def want_more_or_fewer_answers(self, pick: int, n_answers: int) -> None:
        task = self._task(pick)
        self.world.set_redundancy(n_answers, task.id)
        if n_answers != task.n_answers:
            self.model.want(task, n_answers)

    @rule(pick=picks, who=people)
    def reopen_a_finished_task(self, pick: int, who: int) -> None:
        """Whoever has got beyond it goes back for it."""
        finished = [task for task in self.model.tasks.values() if task.completed]
        if finished:
            task = finished[pick % len(finished)]
            wanted = task.n_counted + 1
            self.world.set_redundancy(wanted, task.id)
            self.model.want(task, wanted)
            self._draw(self.people[who])

    @rule(n_answers=st.integers(1, 4))
    def want_as_many_of_all(self, n_answers: int) -> None:
        self.world.set_redundancy(n_answers)
        for task in self.model.tasks.values():
            self.model.want(task, n_answers)

    @rule(pick=picks, priority=priorities, who=people)
    def set_priority(self, pick: int, priority: float, who: int) -> None:
        wanted = [task for task in self.model.tasks.values() if not task.completed]
        task = wanted[pick % len(wanted)] if wanted else self._task(pick)
        self.world.set_priority(task.id, priority)
        task.priority = priority
        self._draw(self.people[who])

    @rule(seconds=times)
    def let_time_pass(self, seconds: float) -> None:
        self.world.pass_time(seconds)
        self.model.pass_time(seconds)

    # Volunteers -------------------------------------------------------------------------------------------------------

    @rule(who=people)
    def draw(self, who: int) -> None:
        self._draw(self.people[who])

    @rule(who=people, order=orders, descending=st.booleans(), limit=st.integers(1, 4), offset=st.integers(0, 3))
    def draw_in_another_way(self, who: int, order: str, descending: bool, limit: int, offset: int) -> None:
        self._draw(self.people[who], orderby=order, descending=descending, limit=limit, offset=offset)

    def _draw(
        self, who: Contributor, *, orderby: str = "id", descending: bool = False, limit: int = 1, offset: int = 0
    ) -> list[int]:
        asked = {"orderby": orderby, "descending": descending, "limit": limit, "offset": offset}
        refused_from = self.model.rules.refused_from
        if refused_from is not None and offset >= refused_from:
            with pytest.raises(BadRequest):
                self.world.draw(who, **asked)
            return []
        got = self.world.draw(who, **asked)
        self.model.draw(who.key, got, order=orderby, descending=descending, limit=limit, offset=offset)
        if not got:
            assert self.world.is_waiting(who) == self.model.has_work(who.key)
        return got

    @rule(who=people, pick=picks)
    def open_by_address(self, who: int, pick: int) -> None:
        task = self._task(pick)
        self.world.open_by_address(self.people[who], task.id)
        self.model.open_by_address(self.people[who].key, task.id)

    @rule(who=people, answers=st.booleans())
    def draw_ahead_and_show(self, who: int, answers: bool) -> None:
        """As the contribute page does: the next is there before this one is answered, and is held as it is shown."""
        first, ahead = self._draw(self.people[who]), self._draw(self.people[who], offset=1)
        if answers and first:
            self._answer(self.people[who], first[0], named=True)
        if ahead:
            self._hold(self.people[who], ahead[0])

    @rule(who=people, n=st.integers(1, 3), n_unsent=st.integers(0, 2))
    def fetch_ahead(self, who: int, n: int, n_unsent: int) -> None:
        """As the contribute page does: the slot of the task shown is kept and the next one drawn, while the answers to
        the last ones are on their way."""
        person, unsent = self.people[who], list[int]()
        shown = self._draw(person)
        for _ in range(n):
            if not shown:
                return
            self._reserve(person, shown[0], unsent)
            following = self._draw(person)
            unsent.append(shown[0])
            while len(unsent) > n_unsent:
                self._answer(person, unsent.pop(0), named=True)
            shown = following

    @rule(who=people, pick=picks, n_unsent=st.integers(0, 2))
    def reserve_what_was_given(self, who: int, pick: int, n_unsent: int) -> None:
        given = self._with_leave(who, LEASED, RESERVED, OFFERED)
        unsent = [task.id for task in self._with_leave(who, RESERVED)[:n_unsent]]
        if given:
            self._reserve(self.people[who], given[pick % len(given)].id, unsent)

    @rule(who=people, pick=picks)
    def reserve_any_task(self, who: int, pick: int) -> None:
        known = [*self.model.tasks, *self.gone]
        self._reserve(self.people[who], known[pick % len(known)], [])

    def _reserve(self, who: Contributor, task_id: int, unsent: list[int]) -> None:
        self.model.reserve(who.key, task_id, unsent, self.world.reserve(who, task_id, unsent))

    @rule(who=people, pick=picks)
    def show_a_task(self, who: int, pick: int) -> None:
        self._hold(self.people[who], self._task(pick).id)

    @rule(who=people, pick=picks)
    def show_what_was_lent(self, who: int, pick: int) -> None:
        lent = self._with_leave(who, OFFERED)
        if lent:
            self._hold(self.people[who], lent[pick % len(lent)].id)

    def _hold(self, who: Contributor, task_id: int) -> None:
        self.model.hold(who.key, task_id, self.world.hold(who, task_id))

    @rule(who=people, pick=picks, named=st.booleans())
    def answer_what_was_given(self, who: int, pick: int, named: bool) -> None:
        given = self._with_leave(who, LEASED, RESERVED, OFFERED)
        if given:
            self._answer(self.people[who], given[pick % len(given)].id, named=named)

    @rule(who=people, named=st.booleans())
    def draw_and_answer_several(self, who: int, named: bool) -> None:
        for _ in range(4):
            got = self._draw(self.people[who])
            if not got:
                return
            self._answer(self.people[who], got[0], named=named)

    @rule(who=people, pick=picks, named=st.booleans())
    def answer_any_task(self, who: int, pick: int, named: bool) -> None:
        known = [*self.model.tasks, *self.gone]
        self._answer(self.people[who], known[pick % len(known)], named=named)

    @rule(who=people, pick=picks, named=st.booleans())
    def send_an_answer_again(self, who: int, pick: int, named: bool) -> None:
        answered = self._with_leave(who, *ANSWERED)
        if answered:
            self._answer(self.people[who], answered[pick % len(answered)].id, named=named)

    def _answer(self, who: Contributor, task_id: int, *, named: bool) -> None:
        self.said += 1
        key = f"{task_id} {who.key}" if named else None
        info = f"answer {self.said} of {who.key}"
        try:
            before = self.model.check_answerable(who.key, task_id, key)
        except Refused as refused:
            with pytest.raises(Forbidden, match=str(refused)):
                self.world.submit(who, task_id=task_id, info=info, idempotency_key=key)
            return
        got = self.world.submit(who, task_id=task_id, info=info, idempotency_key=key)
        assert got.run_id is not None
        assert got.counted is not None
        if before is not None:
            assert (got.outcome, got.run_id, got.counted) == ("repeated", before.id, before.counted)
            return
        assert got.outcome == "stored"
        self.model.answer(task_id, Run(got.run_id, who.key, info, key, got.counted))
        task = self.model.tasks[task_id]
        assert got.completed == task.completed
        assert (got.result_id is not None) == task.completed

    # What holds after each step ---------------------------------------------------------------------------------------

    @invariant()
    def the_database_says_the_same(self) -> None:
        if self.people:
            # The model's clock stands still while the steps are done.
            compare(self.model, self.world.seen(), slack=1 + monotonic() - self.began)
            self.model.check()

    def teardown(self) -> None:
        if self.people:
            assert self.world.breaches() == []

    def _task(self, pick: int) -> Task:
        return list(self.model.tasks.values())[pick % len(self.model.tasks)]

    def _with_leave(self, who: int, *states: str) -> list[Task]:
        return [task for task in self.model.tasks.values() if task.state_for(self.people[who].key) in states]


def test_every_scheduler_has_a_model() -> None:
    assert set(SCHEDULER_RULES) == set(SCHEDULERS)


@pytest.fixture
def world(services: TestServices, clean: None) -> Iterator[World]:
    """A database, used by an event loop of its own: the machine's steps are plain functions."""
    with asyncio.Runner() as runner:
        database = Database(services.database_url)
        try:
            opened = World(runner, database)
            with opened.remembering_places():
                yield opened
        finally:
            runner.run(database.close())


def explore(scheduler: str, world: World, *, runs: int, steps: int, deep: bool = False) -> None:
    """Run the machine: the same choices each time, or if `deep` others, and then what fails is made short, which may
    take minutes."""
    machine = type(f"Assigning_{scheduler}", (Assigning,), {"scheduler": scheduler, "world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            derandomize=not deep,
            phases=(Phase.generate, Phase.shrink) if deep else (Phase.generate,),
            database=None,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("scheduler", sorted(SCHEDULERS))
def test_whatever_is_done_the_database_follows_the_model(scheduler: str, world: World) -> None:
    explore(scheduler, world, runs=10, steps=30)


@pytest.mark.slow
@pytest.mark.parametrize("scheduler", sorted(SCHEDULERS))
def test_the_database_follows_the_model_far(scheduler: str, world: World) -> None:
    explore(scheduler, world, runs=100, steps=60, deep=True)
