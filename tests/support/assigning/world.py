"""The steps of the model on the real database, by the services that the server calls: the one place that knows their
signatures."""

import asyncio
from collections.abc import Collection, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import Any, Unpack

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.calls import BatchedStatement
from db.executors import AutocommitExecutor, Executor
from db.models import Project, Task
from db.queries.assignment.contribution import ProjectForContribution, find_project
from db.queries.assignment.submitting import Submitted
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.assigning.model import HOLD_SECONDS, WITH_A_SLOT, Model
from tests.support.invariants import Breach, breaches
from webapp.actor import SYSTEM
from webapp.errors import Forbidden
from webapp.integrations.queue import Queue
from webapp.services.contributing import contributing, tasks
from webapp.services.contributing.contributing import AnswerFields, Contributor
from webapp.services.projects import projects

_SEEN = """
SELECT jsonb_build_object(
  'tasks', (SELECT coalesce(jsonb_object_agg(t.id, jsonb_build_array(
      t.n_answers, s.n_answers, t.priority_0, t.state = 'completed', s.n_counted, s.n_leased, s.n_runs)), '{}')
    FROM task t JOIN task_slots s ON s.task_id = t.id WHERE t.project_id = $1::bigint),
  'assignments', (SELECT coalesce(jsonb_agg(jsonb_build_array(
      task_id, contributor, state, extract(epoch FROM now() - requested_at),
      extract(epoch FROM deadline - now()))), '[]')
    FROM assignment WHERE project_id = $1::bigint),
  'runs', (SELECT coalesce(jsonb_agg(jsonb_build_array(task_id, id, contributor, info, idempotency_key, counted)
      ORDER BY id), '[]') FROM task_run WHERE project_id = $1::bigint),
  'results', (SELECT coalesce(jsonb_agg(jsonb_build_array(task_id, last_version, task_run_ids) ORDER BY id), '[]')
    FROM result WHERE project_id = $1))::text
"""
_SHIFT = text("""
UPDATE assignment SET requested_at = requested_at - make_interval(secs => :s),
  deadline = deadline - make_interval(secs => :s) WHERE project_id = :project
""")


_DEFINITION = "SELECT pg_get_functiondef('workbee_cursor(bigint, text, text, boolean)'::regprocedure)"
_SELDOM, _ALWAYS = "coalesce(v_since, 0) >= 8", "coalesce(v_since, 0) >= 1"


@dataclass(frozen=True, slots=True)
class Seen:
    """The project as the database has it."""

    tasks: dict[int, list[Any]]
    assignments: dict[tuple[int, str], tuple[str, float, float | None]]
    """(state, seconds since it was asked for, seconds until its deadline) by task and contributor."""
    runs: list[list[Any]]
    results: list[list[Any]]


@dataclass(frozen=True, slots=True)
class Alone:
    """Makes each call in a transaction of its own."""

    autocommit: AutocommitExecutor

    async def fetch(self, statement: str, *values: Any) -> list[Any]:
        return await self.autocommit.fetch(statement, *values)

    async def call(self, what: BatchedStatement, *values: Any, group: Hashable | None) -> list[Any]:
        return await self.autocommit.call(what, *values, group=None)


class World:
    """One project in the database, driven from code that is not async by a loop of its own.

    Contributors' calls are made as batches (of one) and alone in turns.
    """

    def __init__(self, runner: asyncio.Runner, database: Database) -> None:
        self._runner = runner
        self._database = database
        self._callers: Iterator[Executor] = cycle((database.autocommit, Alone(database.autocommit)))
        self._queue = Queue()
        self.project_id = 0

    @contextmanager
    def remembering_places(self) -> Iterator[None]:
        """Where a contributor has got to is remembered after each answer, and not after eight as it usually is: few are
        enough to begin a list in the middle."""
        [(usual,)] = self._runner.run(self._database.autocommit.fetch(_DEFINITION))
        assert _SELDOM in usual
        self._runner.run(self._database.autocommit.fetch(usual.replace(_SELDOM, _ALWAYS)))
        try:
            yield
        finally:
            self._runner.run(self._database.autocommit.fetch(usual))

    def begin(self, scheduler: str) -> list[Contributor]:
        """Make a project, and four contributors of all kinds."""
        return self._runner.run(self._begin(scheduler))

    async def _begin(self, scheduler: str) -> list[Contributor]:
        async with self._database.unit() as uow:
            owner, volunteer = await make_user(uow.session), await make_user(uow.session)
            info = {"task_presenter": "<p></p>", "sched": scheduler, "hold_seconds": int(HOLD_SECONDS)}
            project = await make_project(uow.session, owner, info=info)
            self.project_id = project.id
            return [
                Contributor(f"user:{volunteer.id}", user_id=volunteer.id),
                Contributor(f"ext:{project.id}:eve", external_uid="eve"),
                Contributor("anon:ann", user_ip="10.0.0.1"),
                Contributor("ip:10.0.0.2", user_ip="10.0.0.2"),
            ]

    async def _facts(self) -> ProjectForContribution:
        project = await find_project(self._database.autocommit, self.project_id)
        assert project is not None
        return project

    def draw(self, who: Contributor, **asked: Any) -> list[int]:
        async def step() -> list[int]:
            tasks = await contributing.draw(next(self._callers), who, await self._facts(), **asked)
            return [task.id for task in tasks]

        return self._runner.run(step())

    def is_waiting(self, who: Contributor) -> bool:
        async def step() -> bool:
            return await contributing.is_waiting(self._database.autocommit, who, await self._facts())

        return self._runner.run(step())

    def submit(self, who: Contributor, **answer: Unpack[AnswerFields]) -> Submitted:
        async def step() -> Submitted:
            return await contributing.store_answer(next(self._callers), who, await self._facts(), **answer)

        return self._runner.run(step())

    def open_by_address(self, who: Contributor, task_id: int) -> None:
        async def step() -> None:
            async with self._database.unit() as uow:
                await contributing.offer(uow.session, who, await self._facts(), task_id)

        self._runner.run(step())

    def hold(self, who: Contributor, task_id: int) -> bool | None:
        """None if it was refused."""

        async def step() -> bool | None:
            try:
                return await contributing.lease(next(self._callers), who, await self._facts(), task_id)
            except Forbidden:
                return None

        return self._runner.run(step())

    def reserve(self, who: Contributor, task_id: int, unsent: Collection[int]) -> bool | None:
        """None if it was refused."""

        async def step() -> bool | None:
            try:
                return await contributing.reserve(next(self._callers), who, await self._facts(), task_id, unsent)
            except Forbidden:
                return None

        return self._runner.run(step())

    def add_tasks(self, wanted: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
        """(id, created) of the new tasks; `wanted` has redundancy and priority of each."""

        async def step() -> list[tuple[int, float]]:
            async with self._database.unit() as uow:
                project = await self._project(uow.session)
                added = [
                    await tasks.create(
                        uow.session,
                        SYSTEM,
                        project,
                        {"project_id": project.id, "info": {"n": 1}, "n_answers": n, "priority_0": priority},
                    )
                    for n, priority in wanted
                ]
                for task in added:
                    await uow.session.refresh(task)
                return [(task.id, task.created.timestamp()) for task in added]

        return self._runner.run(step())

    async def _project(self, session: AsyncSession) -> Project:
        return await session.get_one(Project, self.project_id)

    def set_redundancy(self, n_answers: int, task_id: int | None = None) -> None:
        """Of one task, or of all."""

        async def step() -> None:
            async with self._database.unit() as uow:
                if task_id is None:
                    project = await self._project(uow.session)
                    await projects.set_redundancy(uow.session, self._queue, SYSTEM, project, n_answers)
                else:
                    project, task = await self._project(uow.session), await uow.session.get_one(Task, task_id)
                    await tasks.update(uow.session, self._queue, SYSTEM, project, task, {"n_answers": n_answers})

        self._runner.run(step())

    def set_priority(self, task_id: int, priority: float) -> None:
        async def step() -> None:
            async with self._database.unit() as uow:
                project = await self._project(uow.session)
                await projects.set_priority(uow.session, SYSTEM, project, [task_id], priority)

        self._runner.run(step())

    def delete_task(self, task_id: int) -> None:
        async def step() -> None:
            async with self._database.unit() as uow:
                project, task = await self._project(uow.session), await uow.session.get_one(Task, task_id)
                await tasks.remove(uow.session, SYSTEM, project, task)

        self._runner.run(step())

    def pass_time(self, seconds: float) -> None:
        """Everything was asked for, and is due, so much earlier."""

        async def step() -> None:
            async with self._database.unit() as uow:
                await uow.session.execute(_SHIFT, {"s": seconds, "project": self.project_id})

        self._runner.run(step())

    def seen(self) -> Seen:
        async def step() -> str:
            [(found,)] = await self._database.autocommit.fetch(_SEEN, self.project_id)
            return str(found)

        found = orjson.loads(self._runner.run(step()))
        return Seen(
            {int(number): row for number, row in found["tasks"].items()},
            {(task, who): (state, age, left) for task, who, state, age, left in found["assignments"]},
            found["runs"],
            found["results"],
        )

    def breaches(self) -> list[Breach]:
        async def step() -> list[Breach]:
            async with self._database.unit(read_only=True) as uow:
                return await breaches(uow.session, self.project_id)

        return self._runner.run(step())


def compare(model: Model, seen: Seen, slack: float) -> None:
    """The database says what the model says. Slots past their deadline may have been taken back at any time."""
    assert seen.tasks == {
        task.id: [
            task.n_answers,
            task.n_answers,
            task.priority,
            task.completed,
            task.n_counted,
            seen_held(seen, task.id),
            len(task.runs),
        ]
        for task in model.tasks.values()
    }
    for task in model.tasks.values():
        for who, assignment in task.assignments.items():
            if model.overdue(assignment) and seen.assignments[task.id, who][0] == "offered":
                assignment.state, assignment.deadline = "offered", None
    expected = {
        (task.id, who): assignment for task in model.tasks.values() for who, assignment in task.assignments.items()
    }
    states = {key: state for key, (state, _, _) in seen.assignments.items()}
    differing = {
        key: (states.get(key), getattr(expected.get(key), "state", None))
        for key in states.keys() | expected.keys()
        if key not in states or key not in expected or states[key] != expected[key].state
    }
    assert not differing, f"(in the database, in the model): {differing}"
    for key, (_, age, left) in seen.assignments.items():
        assert abs(age - (model.now - expected[key].since)) < slack, f"asked for at another time: {key}"
        deadline = expected[key].deadline
        assert (left is None) == (deadline is None)
        assert left is None or deadline is None or abs(left - (deadline - model.now)) < slack, f"due else when: {key}"
    acknowledged = [
        [task.id, run.id, run.who, run.info, run.key, run.counted] for task in model.tasks.values() for run in task.runs
    ]
    assert sorted(seen.runs) == sorted(acknowledged)
    for task in model.tasks.values():
        mine = [result for result in seen.results if result[0] == task.id]
        assert len(mine) == task.versions
        assert [ids for _, last, ids in mine if last] == ([task.current] if task.versions else [])


def seen_held(seen: Seen, task_id: int) -> int:
    """How many slots of the task are held, by its assignments."""
    return sum(number == task_id and state in WITH_A_SLOT for (number, _), (state, _, _) in seen.assignments.items())
