"""While a task is shown the next one is drawn: a volunteer has both slots, and parks no others."""

from sqlalchemy import text

from db.models import Project
from db.session import UnitOfWork
from tests.factories import draw_one, make_project, make_tasks, make_user, project_facts
from tests.support.invariants import breaches
from webapp.services.contributing import contributing
from webapp.services.contributing.contributing import Contributor

ANN, BEN = (Contributor(f"anon:{name}", user_ip="10.0.0.1") for name in ("ann", "ben"))


async def a_project(uow: UnitOfWork, n_tasks: int) -> Project:
    project = await make_project(uow.session, await make_user(uow.session), info={"task_presenter": "<p></p>"})
    await make_tasks(uow.session, project, n_tasks, n_answers=1)
    return project


async def drawn(uow: UnitOfWork, project: Project, who: Contributor) -> int:
    task = await draw_one(uow.session, project, who)
    assert task is not None
    return task.id


async def reserve(uow: UnitOfWork, project: Project, who: Contributor, task_id: int, *unsent: int) -> bool:
    facts = await project_facts(uow.session, project)
    return await contributing.reserve(uow.in_session, who, facts, task_id, unsent)


async def answered(uow: UnitOfWork, project: Project, who: Contributor, task_id: int) -> bool | None:
    facts = await project_facts(uow.session, project)
    return (await contributing.store_answer(uow.in_session, who, facts, task_id=task_id, info="yes")).counted


async def states(uow: UnitOfWork, who: Contributor) -> list[str]:
    query = text("SELECT state FROM assignment WHERE contributor = :who ORDER BY task_id")
    return list((await uow.session.execute(query, {"who": who.key})).scalars())


async def test_the_task_shown_and_the_next_have_their_slots(uow: UnitOfWork) -> None:
    project = await a_project(uow, 3)
    shown = await drawn(uow, project, ANN)
    assert await reserve(uow, project, ANN, shown)
    ahead = await drawn(uow, project, ANN)
    assert await states(uow, ANN) == ["reserved", "leased"]
    assert await drawn(uow, project, BEN) not in (shown, ahead)
    assert await answered(uow, project, ANN, shown) and await answered(uow, project, ANN, ahead)
    assert await breaches(uow.session, project.id) == []


async def test_answers_on_their_way_keep_their_slots_and_no_others_are_parked(uow: UnitOfWork) -> None:
    project = await a_project(uow, 5)
    first = await drawn(uow, project, ANN)
    await reserve(uow, project, ANN, first)
    second = await drawn(uow, project, ANN)
    await reserve(uow, project, ANN, second, first)
    third = await drawn(uow, project, ANN)
    assert await states(uow, ANN) == ["reserved", "reserved", "leased"]
    await reserve(uow, project, ANN, third)
    assert await states(uow, ANN) == ["offered", "offered", "reserved"]
    assert await drawn(uow, project, BEN) == first
    assert await breaches(uow.session, project.id) == []


async def test_who_left_gets_the_task_that_was_kept_for_them_when_nothing_else_is_open(uow: UnitOfWork) -> None:
    project = await a_project(uow, 1)
    left = await drawn(uow, project, ANN)
    await reserve(uow, project, ANN, left)
    assert await drawn(uow, project, ANN) == left
    assert await states(uow, ANN) == ["leased"] and await breaches(uow.session, project.id) == []


async def test_what_is_ahead_of_somebody_goes_to_who_has_nothing_else(uow: UnitOfWork) -> None:
    project = await a_project(uow, 2)
    shown = await drawn(uow, project, ANN)
    await reserve(uow, project, ANN, shown)
    ahead = await drawn(uow, project, ANN)
    assert await drawn(uow, project, BEN) == ahead
    assert not await reserve(uow, project, ANN, ahead), "its slot has gone"
    assert await states(uow, BEN) == ["leased"] and await breaches(uow.session, project.id) == []


async def test_what_is_answered_is_not_reserved(uow: UnitOfWork) -> None:
    project = await a_project(uow, 2)
    task = await drawn(uow, project, ANN)
    await answered(uow, project, ANN, task)
    assert not await reserve(uow, project, ANN, task)
    assert await states(uow, ANN) == ["counted"]
