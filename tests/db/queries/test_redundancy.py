"""Redundancy changed while people are at work: what is held, counted, completed and reopened by it."""

import pytest
from sqlalchemy import select

from db.models import Assignment, Project, Result, Task, TaskRun
from db.queries.assignment import redundancy
from db.queries.assignment.submitting import Submitted
from db.session import UnitOfWork
from tests.factories import draw_one, leased_and_answered, make_project, make_tasks, make_user
from tests.support.invariants import breaches
from webapp.services.contributing.contributing import Contributor

ANN, BEN, CAT, DAN = (Contributor(f"anon:{name}", user_ip="10.0.0.1") for name in ("ann", "ben", "cat", "dan"))


@pytest.fixture
async def project(uow: UnitOfWork) -> Project:
    return await make_project(uow.session, await make_user(uow.session))


async def a_task(uow: UnitOfWork, project: Project, n_answers: int) -> Task:
    [task] = await make_tasks(uow.session, project, 1, n_answers=n_answers)
    return task


async def change(uow: UnitOfWork, project: Project, task: Task, n_answers: int) -> list[tuple[int, int]]:
    """Set it for the whole project; what completed by it."""
    completed = await redundancy.set_for_project(uow.session, project.id, n_answers)
    await uow.session.refresh(task)
    assert await breaches(uow.session, project.id) == []
    return completed


async def states(uow: UnitOfWork, task: Task) -> dict[str, str]:
    query = select(Assignment.contributor, Assignment.state).where(Assignment.task_id == task.id)
    return {row.contributor: row.state for row in await uow.session.execute(query)}


async def answered(uow: UnitOfWork, project: Project, who: Contributor, task: Task) -> Submitted:
    stored = await leased_and_answered(uow.session, project, who, task.id)
    assert stored.outcome == "stored"
    return stored


async def results(uow: UnitOfWork, task: Task) -> list[Result]:
    query = select(Result).where(Result.task_id == task.id).order_by(Result.id)
    return list((await uow.session.scalars(query)).all())


async def test_lowered_to_what_is_answered_completes_with_a_result(uow: UnitOfWork, project: Project) -> None:
    task = await a_task(uow, project, 3)
    runs = [(await leased_and_answered(uow.session, project, who, task.id)).run_id for who in (ANN, BEN)]
    completed = await change(uow, project, task, 2)
    [result] = await results(uow, task)
    assert completed == [(task.id, result.id)]
    assert (task.state, result.task_run_ids, result.last_version) == ("completed", runs, True)


async def test_lowered_below_what_is_held_takes_the_newest_slots_back(uow: UnitOfWork, project: Project) -> None:
    task = await a_task(uow, project, 3)
    for who in (ANN, BEN, CAT):
        await draw_one(uow.session, project, who)
        await uow.session.commit()
    assert await change(uow, project, task, 1) == []
    assert await states(uow, task) == {ANN.key: "leased", BEN.key: "offered", CAT.key: "offered"}


async def test_who_lost_the_slot_may_still_answer(uow: UnitOfWork, project: Project) -> None:
    task = await a_task(uow, project, 2)
    await draw_one(uow.session, project, ANN)
    await uow.session.commit()
    await draw_one(uow.session, project, BEN)
    await change(uow, project, task, 1)
    assert (await answered(uow, project, ANN, task)).counted
    assert not (await answered(uow, project, BEN, task)).counted
    assert await breaches(uow.session, project.id) == []


async def test_raised_reopens_and_keeps_the_result_until_the_next(uow: UnitOfWork, project: Project) -> None:
    task = await a_task(uow, project, 1)
    await leased_and_answered(uow.session, project, ANN, task.id)
    assert await change(uow, project, task, 2) == []
    assert task.state == "ongoing"
    assert [one.last_version for one in await results(uow, task)] == [True]
    drawn = await draw_one(uow.session, project, BEN)
    assert drawn is not None and drawn.id == task.id
    await leased_and_answered(uow.session, project, BEN, task.id)
    await uow.session.refresh(task)
    assert task.state == "completed"
    assert [one.last_version for one in await results(uow, task)] == [False, True]


async def test_raised_counts_the_surplus_answers_that_are_there(uow: UnitOfWork, project: Project) -> None:
    task = await a_task(uow, project, 1)
    for who in (ANN, BEN, CAT):
        await leased_and_answered(uow.session, project, who, task.id)
    assert await change(uow, project, task, 2) == []
    assert task.state == "completed"
    assert await states(uow, task) == {ANN.key: "counted", BEN.key: "counted", CAT.key: "surplus"}
    counted = (await uow.session.scalars(select(TaskRun.counted).order_by(TaskRun.id))).all()
    assert list(counted) == [True, True, False]


async def test_raised_beyond_the_surplus_is_open_for_the_rest(uow: UnitOfWork, project: Project) -> None:
    task = await a_task(uow, project, 1)
    for who in (ANN, BEN):
        await leased_and_answered(uow.session, project, who, task.id)
    await change(uow, project, task, 3)
    assert task.state == "ongoing"
    assert (await answered(uow, project, CAT, task)).completed
    assert await breaches(uow.session, project.id) == []


async def test_a_change_for_one_task_leaves_the_others(uow: UnitOfWork, project: Project) -> None:
    one, other = await make_tasks(uow.session, project, 2, n_answers=2)
    for task in (one, other):
        await leased_and_answered(uow.session, project, ANN, task.id)
    completed = await redundancy.set_for_task(uow.session, project.id, one.id, 1)
    await uow.session.refresh(one)
    await uow.session.refresh(other)
    assert [task_id for task_id, _ in completed] == [one.id]
    assert ((one.state, one.n_answers), (other.state, other.n_answers)) == (("completed", 1), ("ongoing", 2))
    assert await breaches(uow.session, project.id) == []


async def test_another_project_is_untouched(uow: UnitOfWork, project: Project) -> None:
    neighbour = await make_project(uow.session, await make_user(uow.session))
    [theirs] = await make_tasks(uow.session, neighbour, 1, n_answers=2)
    await leased_and_answered(uow.session, neighbour, DAN, theirs.id)
    await change(uow, project, await a_task(uow, project, 2), 1)
    await uow.session.refresh(theirs)
    assert (theirs.n_answers, theirs.state) == (2, "ongoing")
    assert await breaches(uow.session, neighbour.id) == []
