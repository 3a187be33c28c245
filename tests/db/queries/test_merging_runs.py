"""Answers given before somebody had an account."""

from sqlalchemy import select, text

from db.models import Assignment, ContributorProgress, TaskRun, UserScore
from db.queries.accounts import leaving
from db.queries.assignment import merging_runs
from db.queries.assignment.merging_runs import merge_runs
from db.session import UnitOfWork
from tests.factories import draw_one, leased_and_answered, make_project, make_tasks, make_user
from tests.support.invariants import breaches
from webapp.services.contributing.contributing import Contributor

BROWSER = Contributor(key="anon:browser", user_ip="10.9.8.7")
OTHER = Contributor(key="anon:other", user_ip="10.9.8.7")


async def test_runs_leave_to_answer_and_counts_pass_to_the_account(uow: UnitOfWork) -> None:
    session = uow.session
    owner = await make_user(session)
    project, elsewhere = await make_project(session, owner), await make_project(session, owner)
    first, second, third = await make_tasks(session, project, 3)
    (far,) = await make_tasks(session, elsewhere, 1)
    for task in (first, second):
        await leased_and_answered(session, project, BROWSER, task.id)
    await leased_and_answered(session, elsewhere, BROWSER, far.id)
    await leased_and_answered(session, project, OTHER, first.id)
    held = await draw_one(session, project, BROWSER)
    newcomer = await make_user(session)

    moved = await merge_runs(session, BROWSER.key, newcomer.id)

    key = f"user:{newcomer.id}"
    assert moved == 3
    assert held is not None
    assert held.id == third.id
    runs = (await session.scalars(select(TaskRun).where(TaskRun.contributor == key))).all()
    assert {run.task_id for run in runs} == {first.id, second.id, far.id}
    assert {(run.user_id, run.user_ip) for run in runs} == {(newcomer.id, None)}
    states = await session.execute(select(Assignment.task_id, Assignment.state).where(Assignment.contributor == key))
    assert (third.id, "leased") in [tuple(row) for row in states]
    score = (await session.scalars(select(UserScore.n_runs).where(UserScore.user_id == newcomer.id))).one()
    assert score == 3
    assert await breaches(session, project.id) == []
    assert await breaches(session, elsewhere.id) == []


async def test_a_task_that_both_have_answered_stays_with_the_browser(uow: UnitOfWork) -> None:
    session = uow.session
    user = await make_user(session)
    project = await make_project(session, user)
    both, only = await make_tasks(session, project, 2, n_answers=3)
    account = Contributor(key=f"user:{user.id}", user_id=user.id)
    await leased_and_answered(session, project, account, both.id)
    for task in (both, only):
        await leased_and_answered(session, project, BROWSER, task.id)

    assert await merge_runs(session, BROWSER.key, user.id) == 1

    progress = await session.execute(
        select(ContributorProgress.contributor, ContributorProgress.n_runs).order_by(ContributorProgress.contributor)
    )
    assert [tuple(row) for row in progress] == [(BROWSER.key, 1), (account.key, 2)]
    counted = (await session.execute(text("SELECT sum(n_volunteers), sum(n_anonymous) FROM project_counter"))).one()
    assert tuple(counted) == (2, 1)
    assert await breaches(session, project.id) == []


async def test_nothing_moves_for_a_browser_that_answered_nothing(uow: UnitOfWork) -> None:
    user = await make_user(uow.session)

    assert await merge_runs(uow.session, "anon:nobody", user.id) == 0


OTHERS = 4_000
FEW = 60
_TASKS = "INSERT INTO task (project_id, info) SELECT :project, '{}' FROM generate_series(1, :n)"
_LEAVE = """INSERT INTO assignment (task_id, project_id, contributor, state)
SELECT id, project_id, 'anon:' || id, 'counted' FROM task WHERE id <> :mine"""
_RUNS = """INSERT INTO task_run (task_id, project_id, contributor, user_ip)
SELECT id, project_id, 'anon:' || id, '10.0.0.1' FROM task WHERE id <> :mine"""
_PROGRESS = """INSERT INTO contributor_progress (project_id, contributor, n_runs)
SELECT project_id, 'anon:' || id, 1 FROM task WHERE id <> :mine"""


async def test_neither_joining_nor_leaving_reads_what_others_did(uow: UnitOfWork) -> None:
    session = uow.session
    user = await make_user(session)
    project = await make_project(session, await make_user(session))
    (mine,) = await make_tasks(session, project, 1)
    await leased_and_answered(session, project, BROWSER, mine.id)
    for statement in (_TASKS, _LEAVE, _RUNS, _PROGRESS):
        values = {"project": project.id, "n": OTHERS} if statement is _TASKS else {"mine": mine.id}
        await session.execute(text(statement), values)
    await session.commit()
    await session.execute(text("ANALYZE assignment, task_run, contributor_progress"))
    key = f"user:{user.id}"
    known = {
        "volunteer": BROWSER.key, "key": key, "user": user.id, "tasks": [mine.id], "projects": [project.id],
        "nobody": "gone:1", "ip": "10.0.0.1",
    }  # fmt: skip
    for asked in (
        merging_runs._ASSIGNMENTS, merging_runs._RUNS, merging_runs._PROGRESS,
        leaving._ASSIGNMENTS, leaving._RUNS, leaving._PROGRESS,
    ):  # fmt: skip
        given = {name: value for name, value in known.items() if name in asked.compile().params}
        explained = text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {asked.text}")
        plan = (await session.execute(explained, given)).scalar_one()[0]["Plan"]
        assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < FEW, asked.text
