"""Triggers: rows that come with others, and counts that follow whatever is changed or deleted."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import (
    Assignment,
    ContributorProgress,
    Project,
    ProjectCounter,
    ProjectStats,
    Result,
    Task,
    TaskRun,
    TaskSlots,
    User,
    UserScore,
)
from db.queries.assignment.progress import progress_of
from db.queries.importing.backfill import PastRun, conclude, store_past_runs
from db.repositories import ProjectRepository
from db.session import Database, UnitOfWork
from tests.factories import make_project, make_tasks, make_user
from tests.support.invariants import breaches

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def run_sql(session: AsyncSession, statement: str, **values: Any) -> None:
    """Run the statement; what is read after it is read again."""
    await session.execute(text(statement), values)
    session.expunge_all()


async def prepared(session: AsyncSession, *, n_tasks: int = 3, n_answers: int = 2) -> tuple[Project, list[Task], User]:
    """A project whose first task is complete by the account and a stranger; the second has the account's answer."""
    user = await make_user(session)
    project = await make_project(session, user)
    tasks = await make_tasks(session, project, n_tasks, n_answers=n_answers)
    await store_past_runs(session, project.id, [by(user, tasks[0]), by(None, tasks[0], "x"), by(user, tasks[1])])
    return project, tasks, user


def by(user: User | None, task: Task, stranger: str = "") -> PastRun:
    key, ip = (f"user:{user.id}", None) if user else (f"anon:{stranger}", "10.0.0.1")
    return PastRun(task.id, key, user.id if user else None, ip, NOON, NOON, {"answer": key})


async def count(session: AsyncSession, model: Any) -> int:
    return (await session.scalars(select(func.count()).select_from(model))).one()


async def test_accounts_and_projects_come_with_their_companions(uow: UnitOfWork) -> None:
    user = await make_user(uow.session)
    project = await make_project(uow.session, user)

    assert (await uow.session.get_one(UserScore, user.id)).n_runs == 0
    assert (await uow.session.scalars(select(ProjectStats.project_id))).all() == [project.id]
    assert (await uow.session.get_one(ProjectCounter, (project.id, 0))).n_tasks == 0


async def test_tasks_come_with_their_slots_and_are_counted(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session))

    (task,) = await make_tasks(uow.session, project, n_answers=3, priority_0=0.5, created=NOON)

    slots = await uow.session.get_one(TaskSlots, task.id)
    assert (slots.project_id, slots.n_answers, slots.ceiling, slots.priority_0) == (project.id, 3, 3, 0.5)
    assert (slots.n_counted, slots.n_leased, slots.n_runs, slots.is_open, slots.completed) == (0, 0, 0, True, False)
    assert slots.created == NOON
    progress = (await progress_of(uow.session, [project.id]))[project.id]
    assert (progress.n_tasks, progress.n_slots) == (1, 3)


async def test_slots_follow_their_task(uow: UnitOfWork) -> None:
    project, (full, begun, fresh), _ = await prepared(uow.session)

    await run_sql(uow.session, "UPDATE task SET n_answers = 5, priority_0 = 0.25")
    await run_sql(uow.session, "UPDATE task SET n_answers = 1, state = 'ongoing' WHERE id = :id", id=full.id)

    slots = {row.task_id: row for row in await uow.session.scalars(select(TaskSlots))}
    assert [(slots[task.id].n_answers, slots[task.id].ceiling) for task in (full, begun, fresh)] == [
        (1, 2),
        (5, 5),
        (5, 5),
    ]
    assert {row.priority_0 for row in slots.values()} == {0.25}
    assert [slots[task.id].is_open for task in (full, begun, fresh)] == [False, True, True]
    assert not slots[full.id].completed
    assert (await progress_of(uow.session, [project.id]))[project.id].n_slots == 11


async def test_what_does_not_concern_slots_leaves_their_row_alone(uow: UnitOfWork) -> None:
    await prepared(uow.session)
    before = (await uow.session.scalars(select(text("xmin::text || ctid::text")).select_from(TaskSlots))).all()

    await run_sql(uow.session, "UPDATE task SET info = '{}', fav_user_ids = '{1}'")

    after = (await uow.session.scalars(select(text("xmin::text || ctid::text")).select_from(TaskSlots))).all()
    assert sorted(before) == sorted(after)


async def test_a_deleted_run_is_taken_out_of_every_count(uow: UnitOfWork) -> None:
    project, (_, begun, _), user = await prepared(uow.session)

    await run_sql(uow.session, "DELETE FROM task_run WHERE task_id = :id", id=begun.id)

    assert await breaches(uow.session, project.id) == []
    assert (await uow.session.get_one(TaskSlots, begun.id)).n_runs == 0
    assert (await uow.session.get_one(UserScore, user.id)).n_runs == 1
    assert await uow.session.get(Assignment, (begun.id, f"user:{user.id}")) is None


async def test_deleting_every_run_leaves_no_volunteer(uow: UnitOfWork) -> None:
    project, _, user = await prepared(uow.session)
    await uow.session.execute(text("DELETE FROM result"))
    await uow.session.execute(text("UPDATE task SET state = 'ongoing'"))
    await uow.session.execute(
        text("UPDATE project_counter SET n_completed_tasks = n_completed_tasks - 1 WHERE shard = 1")
    )

    await run_sql(uow.session, "DELETE FROM task_run")

    assert await breaches(uow.session, project.id) == []
    assert await count(uow.session, ContributorProgress) == 0
    progress = (await progress_of(uow.session, [project.id]))[project.id]
    assert (progress.n_volunteers, progress.n_anonymous, progress.n_task_runs) == (0, 0, 0)
    assert (await uow.session.get_one(UserScore, user.id)).n_runs == 0


async def test_external_volunteers_leave_as_they_came(uow: UnitOfWork) -> None:
    """They count as neither anonymous nor as volunteers of the site."""
    project, (_, begun, _), _ = await prepared(uow.session)
    contributor = f"ext:{project.id}:x"
    await uow.session.execute(
        text("""
        INSERT INTO task_run (project_id, task_id, contributor, external_uid, counted)
        VALUES (:project, :task, :contributor, 'x', false)
    """),
        {"project": project.id, "task": begun.id, "contributor": contributor},
    )
    await uow.session.execute(
        text("UPDATE task_slots SET n_runs = n_runs + 1 WHERE task_id = :task"), {"task": begun.id}
    )
    await uow.session.execute(text("UPDATE project_counter SET n_task_runs = n_task_runs + 1 WHERE shard = 1"))
    uow.session.add(ContributorProgress(project_id=project.id, contributor=contributor, n_runs=1))
    await uow.session.flush()

    await run_sql(uow.session, "DELETE FROM task_run WHERE external_uid = 'x'")

    assert await breaches(uow.session, project.id) == []


async def test_a_deleted_task_takes_everything_of_its_own_along(uow: UnitOfWork) -> None:
    project, (full, begun, fresh), user = await prepared(uow.session)
    await conclude(uow.session, project.id, {full.id: "yes"})

    await run_sql(uow.session, "DELETE FROM task WHERE id IN (:full, :begun)", full=full.id, begun=begun.id)

    assert await breaches(uow.session, project.id) == []
    assert [await count(uow.session, model) for model in (Task, TaskSlots, TaskRun, Result, Assignment)] == [
        1,
        1,
        0,
        0,
        0,
    ]
    progress = (await progress_of(uow.session, [project.id]))[project.id]
    assert (progress.n_tasks, progress.n_slots, progress.n_completed_tasks, progress.n_results) == (1, 2, 0, 0)
    assert (await uow.session.get_one(UserScore, user.id)).n_runs == 0
    assert (await uow.session.get_one(TaskSlots, fresh.id)).is_open


async def test_results_with_an_info_are_counted(uow: UnitOfWork) -> None:
    project, (full, *_), _ = await prepared(uow.session)

    async def counted() -> int:
        return (await progress_of(uow.session, [project.id]))[project.id].n_results

    assert await counted() == 0
    await uow.session.execute(update(Result).values(info={"answer": 1}))
    assert await counted() == 1
    await uow.session.execute(update(Result).values(info={"answer": 2}))
    assert await counted() == 1
    await uow.session.execute(update(Result).values(last_version=False))
    assert await counted() == 0
    uow.session.add(Result(project_id=project.id, task_id=full.id, task_run_ids=[], info=[]))
    await uow.session.flush()
    assert await counted() == 1
    await uow.session.execute(text("DELETE FROM result"))
    assert await counted() == 0


async def test_a_deleted_project_leaves_nothing_but_its_volunteers_and_its_record(uow: UnitOfWork) -> None:
    project, _, user = await prepared(uow.session)
    other = await make_project(uow.session, user)
    (task,) = await make_tasks(uow.session, other)
    await store_past_runs(uow.session, other.id, [by(user, task)])

    await ProjectRepository(uow.session).remove(project)

    models = (Project, Task, TaskSlots, TaskRun, Result, Assignment)
    left = {model: await count(uow.session, model) for model in models}
    assert left == {Project: 1, Task: 1, TaskSlots: 1, TaskRun: 1, Result: 0, Assignment: 1}
    assert set(await uow.session.scalars(select(ProjectCounter.project_id))) == {other.id}
    assert await breaches(uow.session, other.id) == []


async def test_the_cascade_alone_deletes_a_project_too(uow: UnitOfWork) -> None:
    project, _, user = await prepared(uow.session)

    await run_sql(uow.session, "DELETE FROM project WHERE id = :id", id=project.id)

    models = (Task, TaskSlots, TaskRun, ProjectCounter, ContributorProgress)
    assert [await count(uow.session, model) for model in models] == [0] * 5
    assert (await uow.session.get_one(UserScore, user.id)).n_runs == 0


async def test_the_hash_finds_equal_infos_whatever_the_order_of_their_keys(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session))
    infos: list[Any] = [{"a": 1, "b": [1, 2]}, {"b": [1, 2], "a": 1}, {"a": 1, "b": [2, 1]}, "text", "text", [], None]
    for info in infos:
        uow.session.add(Task(project_id=project.id, info=info))
    await uow.session.flush()

    hashes = (await uow.session.scalars(select(Task.info_hash).order_by(Task.id))).all()

    assert hashes[0] == hashes[1] != hashes[2]
    assert hashes[3] == hashes[4] != hashes[5]
    assert hashes[6] is None


async def test_a_session_that_changed_much_reads_no_whole_table_for_one_row(uow: UnitOfWork) -> None:
    """Plans of triggers are made once a session, maybe for many rows; they must be right for one row as well."""
    session = uow.session
    user = await make_user(session)
    project = await make_project(session, user)
    await run_sql(
        session,
        "INSERT INTO task (project_id, n_answers) SELECT :project, 1 FROM generate_series(1, 3000)",
        project=project.id,
    )
    tasks = (await session.scalars(select(Task).order_by(Task.id))).all()
    await store_past_runs(session, project.id, [by(user, task) for task in tasks[:2000]])
    await run_sql(session, "ANALYZE")
    await run_sql(session, "UPDATE task SET n_answers = 2")
    await run_sql(session, "UPDATE result SET info = '1'")
    await run_sql(session, "DELETE FROM task_run WHERE task_id % 2 = 0")
    before = await whole_reads(session)

    number = tasks[0].id
    await run_sql(session, "UPDATE task SET state = 'ongoing', n_answers = 3 WHERE id = :id", id=number)
    await run_sql(session, "UPDATE result SET info = NULL WHERE task_id = :id", id=number)
    await run_sql(session, "DELETE FROM task_run WHERE task_id = :id", id=number)
    await run_sql(session, "DELETE FROM task WHERE id = :id", id=number)

    assert await whole_reads(session) == before


async def whole_reads(session: AsyncSession) -> dict[str, int]:
    """How often this transaction has read each of the large tables from end to end."""
    statement = text("""
        SELECT relname, seq_scan FROM pg_stat_xact_user_tables
        WHERE relname IN ('task', 'task_slots', 'assignment', 'task_run', 'result', 'contributor_progress')
    """)
    return {row.relname: row.seq_scan for row in await session.execute(statement)}


async def test_many_tasks_are_changed_where_the_statistics_know_of_none(database: Database) -> None:
    """An autovacuum that comes by before an import is committed leaves word that there are no slots."""
    async with database.unit() as uow:
        project = await make_project(uow.session, await make_user(uow.session))
        await run_sql(
            uow.session,
            "INSERT INTO task (project_id, n_answers) SELECT :project, 2 FROM generate_series(1, 40000)",
            project=project.id,
        )
        await database.autocommit.fetch("ANALYZE task_slots")
        # This takes a second. Each task compared with each slot, it would take minutes.
        await run_sql(uow.session, "SET LOCAL statement_timeout = '30s'")
        await run_sql(uow.session, "UPDATE task SET n_answers = 3 WHERE project_id = :project", project=project.id)
        slots = select(func.count(), func.min(TaskSlots.n_answers), func.min(TaskSlots.ceiling))
        assert (await uow.session.execute(slots)).one() == (40000, 3, 3)
        assert (await progress_of(uow.session, [project.id]))[project.id].n_slots == 120000
