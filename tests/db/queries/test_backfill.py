"""Answers stored in bulk leave the database as if they had come one by one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.errors import Duplicate, NotFound
from db.executors import SessionExecutor
from db.models import Project, Result, TaskRun, User
from db.queries.importing import backfill
from db.queries.importing.backfill import PastRun
from db.session import Database, UnitOfWork
from tests.factories import draw_one, project_facts
from tests.support.invariants import breaches
from webapp.services.contributing import contributing
from webapp.services.contributing.contributing import Contributor

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def prepare(session: AsyncSession, *, n_tasks: int, n_answers: int, name: str = "birds") -> list[int]:
    """A project with two accounts (1 owns it) and that many tasks; returns the tasks' ids."""
    if not await session.get(User, 1):
        session.add_all(
            [User(id=n, name=f"user{n}", fullname=f"User {n}", email_addr=f"user{n}@example.org") for n in (1, 2)]
        )
        await session.flush()
    project = Project(name=name, short_name=name, description=name, owner_id=1, owners_ids=[1], category_id=1)
    session.add(project)
    await session.flush()
    infos = [{"n": n} for n in range(n_tasks)]
    return await backfill.add_tasks(session, project.id, infos, n_answers=n_answers, created=NOON)


def run(task_id: int, who: int | str, minute: int, info: Any = None) -> PastRun:
    """An answer that took ten seconds, of the account `who` or of the anonymous `who`, so many minutes past noon."""
    known = isinstance(who, int)
    return PastRun(
        task_id=task_id,
        contributor=f"user:{who}" if known else f"anon:{who}",
        user_id=who if isinstance(who, int) else None,
        user_ip=None if known else "198.51.100.7",
        created=NOON + timedelta(minutes=minute, seconds=-10),
        finish_time=NOON + timedelta(minutes=minute),
        info=info,
    )


async def counts(session: AsyncSession) -> tuple[int, ...]:
    row = await session.execute(
        text("""SELECT sum(n_completed_tasks), sum(n_task_runs), sum(n_counted), sum(n_volunteers), sum(n_anonymous)
                FROM project_counter WHERE project_id = 1""")
    )
    return tuple(int(value) for value in row.one())


async def test_every_count_follows_the_answers(uow: UnitOfWork) -> None:
    first, second, third = await prepare(uow.session, n_tasks=3, n_answers=2)

    await backfill.store_past_runs(
        uow.session, 1, [run(first, 1, 1, "a"), run(first, "x", 2, "b"), run(second, "x", 3), run(third, 2, 4)]
    )

    assert await counts(uow.session) == (1, 4, 4, 3, 1)
    assert await breaches(uow.session, 1) == []
    result = (await uow.session.scalars(select(Result))).one()
    assert (result.task_id, result.created, result.info) == (first, NOON + timedelta(minutes=2), None)
    runs = (await uow.session.scalars(select(TaskRun).order_by(TaskRun.id))).all()
    assert [one.info for one in runs] == ["a", "b", None, None]
    assert result.task_run_ids == [runs[0].id, runs[1].id]


async def test_more_answers_than_wanted_are_surplus_the_latest_first(uow: UnitOfWork) -> None:
    (task,) = await prepare(uow.session, n_tasks=1, n_answers=2)

    await backfill.store_past_runs(uow.session, 1, [run(task, "late", 9), run(task, 1, 1), run(task, 2, 2)])

    runs = (await uow.session.scalars(select(TaskRun))).all()
    assert {one.contributor: one.counted for one in runs} == {"anon:late": False, "user:1": True, "user:2": True}
    assert await counts(uow.session) == (1, 3, 2, 3, 1)
    assert await breaches(uow.session, 1) == []


async def test_later_batches_add_to_earlier_ones(uow: UnitOfWork) -> None:
    first, second = await prepare(uow.session, n_tasks=2, n_answers=2)
    await backfill.store_past_runs(uow.session, 1, [run(first, 1, 1)])

    await backfill.store_past_runs(uow.session, 1, [run(first, 2, 2), run(second, 1, 3)])
    await backfill.store_past_runs(uow.session, 1, [run(first, "late", 4)])

    assert await counts(uow.session) == (1, 4, 3, 3, 1)
    assert await breaches(uow.session, 1) == []
    versions = (await uow.session.scalars(select(Result).order_by(Result.id))).all()
    assert [(one.last_version, len(one.task_run_ids)) for one in versions] == [(False, 2), (True, 3)]


async def test_a_volunteer_goes_on_where_the_past_ends(uow: UnitOfWork) -> None:
    """The past's tasks are neither offered again to who answered them, nor, complete, to anybody."""
    first, second, third = await prepare(uow.session, n_tasks=3, n_answers=2)
    await backfill.store_past_runs(uow.session, 1, [run(first, 1, 1), run(first, 2, 2), run(second, 1, 3)])

    drawn = [await draw(uow.session, who) for who in (1, 2)]

    assert drawn == [third, second]
    await answer(uow.session, second, 2)
    assert await counts(uow.session) == (2, 4, 4, 2, 0)
    assert await breaches(uow.session, 1) == []


async def test_the_past_and_the_present_count_alike(uow: UnitOfWork) -> None:
    """The same answers, submitted one by one in one project and stored in bulk in another."""
    await prepare(uow.session, n_tasks=4, n_answers=2, name="present")
    past = await prepare(uow.session, n_tasks=4, n_answers=2, name="past")
    for who in (1, 2):
        for _ in range(3):
            await answer(uow.session, await draw(uow.session, who), who)

    await backfill.store_past_runs(uow.session, 2, [run(task, who, 1) for task in past[:3] for who in (1, 2)])

    assert await breaches(uow.session, 1) == await breaches(uow.session, 2) == []
    for table, columns in COMPARED.items():
        first, second = [await totals(uow.session, table, columns, project) for project in (1, 2)]
        assert first == second, table


COMPARED = {
    "task_slots": "count(*), sum(n_counted), sum(n_runs), sum(n_leased), count(*) FILTER (WHERE completed)",
    "task": "count(*), count(*) FILTER (WHERE state = 'completed')",
    "assignment": "count(*), count(*) FILTER (WHERE state = 'counted')",
    "result": "count(*), count(*) FILTER (WHERE last_version), sum(cardinality(task_run_ids))",
    "contributor_progress": "count(*), sum(n_runs), count(DISTINCT user_id)",
    "project_counter": "sum(n_completed_tasks), sum(n_task_runs), sum(n_counted), sum(n_volunteers), sum(n_anonymous)",
}


async def totals(session: AsyncSession, table: str, columns: str, project_id: int) -> Sequence[Any]:
    statement = text(f"SELECT {columns} FROM {table} WHERE project_id = :project")
    return tuple((await session.execute(statement, {"project": project_id})).one())


async def test_conclusions_are_counted_as_results(uow: UnitOfWork) -> None:
    first, second = await prepare(uow.session, n_tasks=2, n_answers=1)
    await backfill.store_past_runs(uow.session, 1, [run(first, 1, 1)])

    await backfill.conclude(uow.session, 1, {first: {"bird": "owl"}, second: {"bird": "none yet"}})

    assert (await uow.session.scalars(select(Result.info))).all() == [{"bird": "owl"}]
    assert await uow.session.scalar(text("SELECT sum(n_results) FROM project_counter")) == 1


async def test_a_contributors_second_answer_is_refused(database: Database) -> None:
    async with database.unit() as uow:
        (task,) = await prepare(uow.session, n_tasks=1, n_answers=3)
        await backfill.store_past_runs(uow.session, 1, [run(task, 1, 1)])

    with pytest.raises(Duplicate):
        async with database.unit() as uow:
            await backfill.store_past_runs(uow.session, 1, [run(task, 2, 2), run(task, 1, 3)])

    async with database.unit() as uow:
        assert await counts(uow.session) == (0, 1, 1, 1, 0)
        assert await breaches(uow.session, 1) == []


async def test_tasks_of_other_projects_are_refused(uow: UnitOfWork) -> None:
    (ours,) = await prepare(uow.session, n_tasks=1, n_answers=1)
    (theirs,) = await prepare(uow.session, n_tasks=1, n_answers=1, name="stars")

    with pytest.raises(NotFound, match=f"task with id={theirs}"):
        await backfill.store_past_runs(uow.session, 1, [run(ours, 1, 1), run(theirs, 1, 2)])

    assert (await uow.session.scalars(select(TaskRun))).all() == []


@pytest.mark.parametrize(
    ("damage", "rules"),
    [
        ("UPDATE task_slots SET n_runs = n_runs + 1", ["slots count the counted runs, all runs and the held assign"]),
        ("UPDATE task SET state = 'ongoing'", ["a task is completed exactly when", "the project's counters"]),
        ("DELETE FROM result", ["completed tasks have one current result"]),
        ("UPDATE assignment SET state = 'offered'", ["every run has its assignment"]),
        ("UPDATE project_counter SET n_volunteers = 7", ["the project's counters"]),
        ("UPDATE project_counter SET last_activity = '2020-01-01'", ["the project's last activity"]),
        ("UPDATE contributor_progress SET n_runs = 9", ["each contributor's progress"]),
        ("UPDATE user_score SET n_runs = 9", ["each account's score"]),
        ("UPDATE task_run SET created = finish_time + interval '1 s'", ["a run was handed out before"]),
    ],
)
async def test_the_invariants_notice_damage(uow: UnitOfWork, damage: str, rules: list[str]) -> None:
    (task,) = await prepare(uow.session, n_tasks=1, n_answers=2)
    await backfill.store_past_runs(uow.session, 1, [run(task, 1, 1), run(task, 2, 2)])
    assert await breaches(uow.session, 1) == []

    await uow.session.execute(text(damage))

    found = [breach.rule for breach in await breaches(uow.session, 1)]
    assert all(any(rule.startswith(start) for rule in found) for start in rules), found


async def draw(session: AsyncSession, user_id: int) -> int:
    """The task that the default scheduler gives to this account in the first project."""
    task = await draw_one(session, await the_first_project(session), Contributor(f"user:{user_id}", user_id))
    assert task is not None
    return task.id


async def answer(session: AsyncSession, task_id: int, user_id: int) -> None:
    facts = await project_facts(session, await the_first_project(session))
    await contributing.store_answer(
        SessionExecutor(session), Contributor(f"user:{user_id}", user_id), facts, task_id=task_id, info=None
    )


async def the_first_project(session: AsyncSession) -> Project:
    return (await session.scalars(select(Project).where(Project.id == 1))).one()
