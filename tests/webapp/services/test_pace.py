"""The last answers of a project do not wait for a forgotten one: slots are taken over at the project's own pace."""

import pytest
from sqlalchemy import text

from db.models import Project
from db.queries.assignment.drawing import DrawnTask
from db.session import UnitOfWork
from tests.factories import draw_one, leased_and_answered, make_project, make_tasks, make_user, project_facts
from tests.support.invariants import breaches
from webapp.services.contributing import contributing
from webapp.services.contributing.contributing import Contributor

ANN, BEN, CAT = (Contributor(f"anon:{name}", user_ip="10.0.0.1") for name in ("ann", "ben", "cat"))


async def a_project(uow: UnitOfWork, *, n_tasks: int) -> Project:
    project = await make_project(uow.session, await make_user(uow.session), info={"task_presenter": "<p></p>"})
    await make_tasks(uow.session, project, n_tasks, n_answers=1)
    return project


async def drawn(uow: UnitOfWork, project: Project, who: Contributor) -> DrawnTask:
    task = await draw_one(uow.session, project, who)
    assert task is not None
    return task


async def held_since(uow: UnitOfWork, who: Contributor, seconds: float) -> None:
    """Let it be so long ago that this contributor was given what they hold."""
    statement = text("""UPDATE assignment SET requested_at = now() - make_interval(secs => :seconds)
                        WHERE contributor = :who AND state = 'leased'""")
    await uow.session.execute(statement, {"who": who.key, "seconds": seconds})


async def answered_after(uow: UnitOfWork, project: Project, who: Contributor, seconds: float) -> None:
    """One more task of the project answered by somebody who took so long for it."""
    task = await drawn(uow, project, who)
    await held_since(uow, who, seconds)
    facts = await project_facts(uow.session, project)
    await contributing.store_answer(uow.in_session, who, facts, task_id=task.id, info="yes")


@pytest.mark.parametrize(("usual", "early", "late"), [(1, 9, 11), (30, 170, 190)])
async def test_a_forgotten_slot_goes_to_who_is_there_after_six_usual_times(
    uow: UnitOfWork, usual: float, early: float, late: float
) -> None:
    project = await a_project(uow, n_tasks=2)
    await answered_after(uow, project, CAT, usual)
    forgotten = await drawn(uow, project, ANN)
    await held_since(uow, ANN, early)
    assert await draw_one(uow.session, project, BEN) is None
    await held_since(uow, ANN, late)
    assert (await drawn(uow, project, BEN)).id == forgotten.id
    assert await breaches(uow.session, project.id) == []


async def test_who_comes_back_after_the_slot_was_taken_over_is_kept_as_surplus(uow: UnitOfWork) -> None:
    project = await a_project(uow, n_tasks=2)
    await answered_after(uow, project, CAT, 1)
    forgotten = await drawn(uow, project, ANN)
    await held_since(uow, ANN, 60)
    await drawn(uow, project, BEN)
    late = await contributing.store_answer(
        uow.in_session, ANN, await project_facts(uow.session, project), task_id=forgotten.id, info="late"
    )
    last = await leased_and_answered(uow.session, project, BEN, forgotten.id)
    assert (late.outcome, late.counted, last.counted, last.completed) == ("stored", False, True, True)
    assert await breaches(uow.session, project.id) == []


async def test_nothing_is_taken_over_while_other_tasks_are_open_or_no_pace_is_known(uow: UnitOfWork) -> None:
    project = await a_project(uow, n_tasks=3)
    slow = await drawn(uow, project, ANN)
    await held_since(uow, ANN, 3000)
    for _ in range(2):
        other = await drawn(uow, project, BEN)
        assert other.id != slow.id
        await contributing.store_answer(
            uow.in_session, BEN, await project_facts(uow.session, project), task_id=other.id, info="yes"
        )
    assert (await drawn(uow, project, BEN)).id == slow.id

    unknown = await a_project(uow, n_tasks=1)
    await drawn(uow, unknown, ANN)
    await held_since(uow, ANN, 3000)
    assert await draw_one(uow.session, unknown, BEN) is None
