"""Drawing and answering: who is given what, and what becomes of an answer (docs/architecture.md 6;
docs/contract/schedulers.md)."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Interval, bindparam, func, select, text

from db.errors import TransientError
from db.models import Assignment, Project, Result, Task, TaskRun, TaskSlots
from db.queries.assignment.drawing import DrawnTask
from db.queries.assignment.submitting import Submitted
from db.session import Database, UnitOfWork
from tests.factories import draw_one, leased_and_answered, make_project, make_tasks, make_user, project_facts
from tests.support.invariants import breaches
from webapp.errors import BadRequest, Forbidden, UnsupportedMedia
from webapp.services.contributing import contributing
from webapp.services.contributing.contributing import Contributor
from webapp.services.contributing.scheduling import SCHEDULERS

ANN, BEN, CAT = (Contributor(f"anon:{name}", user_ip="10.0.0.1") for name in ("ann", "ben", "cat"))


async def a_project(uow: UnitOfWork, n_tasks: int = 3, sched: str | None = None, **task: Any) -> Project:
    owner = await make_user(uow.session)
    info = {"task_presenter": "<p></p>"} | ({"sched": sched} if sched else {})
    project = await make_project(uow.session, owner, info=info)
    await make_tasks(uow.session, project, n_tasks, **task)
    return project


async def state_of(uow: UnitOfWork, task_id: int, who: Contributor) -> str | None:
    query = select(Assignment.state).where(Assignment.task_id == task_id, Assignment.contributor == who.key)
    return (await uow.session.execute(query)).scalar_one_or_none()


async def answer(uow: UnitOfWork, project: Project, who: Contributor, task_id: int, **more: Any) -> Submitted:
    facts = await project_facts(uow.session, project)
    return await contributing.store_answer(uow.in_session, who, facts, task_id=task_id, info="yes", **more)


async def draw(uow: UnitOfWork, project: Project, who: Contributor, **asked: Any) -> list[DrawnTask]:
    return await contributing.draw(uow.in_session, who, await project_facts(uow.session, project), **asked)


async def expire(uow: UnitOfWork, who: Contributor) -> None:
    """Let the deadline of what this contributor holds pass."""
    statement = text(
        "UPDATE assignment SET deadline = now() - interval '1 second' WHERE contributor = :who AND state = 'leased'"
    )
    await uow.session.execute(statement, {"who": who.key})


async def test_the_first_draw_is_held_and_the_preloaded_one_lent(uow: UnitOfWork) -> None:
    project = await a_project(uow)
    first, second = await draw_one(uow.session, project, ANN), await draw_one(uow.session, project, ANN, offset=1)
    assert first and second and first.id != second.id
    assert await state_of(uow, first.id, ANN) == "leased"
    assert await state_of(uow, second.id, ANN) == "offered"


async def test_drawing_again_gives_the_same_task(uow: UnitOfWork) -> None:
    project = await a_project(uow)
    first, again = await draw_one(uow.session, project, ANN), await draw_one(uow.session, project, ANN)
    assert first == again
    assert await breaches(uow.session, project.id) == []


async def row_versions(uow: UnitOfWork) -> list[tuple[Any, ...]]:
    """Which versions of the rows of assignments and slots there are, and who has locked them."""
    query = "SELECT ctid::text, xmax::text FROM assignment UNION ALL SELECT ctid::text, xmax::text FROM task_slots"
    return [tuple(row) for row in await uow.session.execute(text(query))]


async def test_asking_again_at_once_neither_writes_nor_locks(uow: UnitOfWork) -> None:
    """Pages are reloaded, and scripts poll."""
    project = await a_project(uow)
    await draw_one(uow.session, project, ANN)
    before = await row_versions(uow)
    await draw_one(uow.session, project, ANN)
    assert await row_versions(uow) == before


async def test_asking_again_later_begins_the_time_anew(uow: UnitOfWork) -> None:
    project = await a_project(uow)
    task = await draw_one(uow.session, project, ANN)
    passed = "UPDATE assignment SET requested_at = requested_at - :t, deadline = deadline - :t"
    await uow.session.execute(text(passed).bindparams(bindparam("t", type_=Interval)), {"t": timedelta(seconds=6)})
    assert task == await draw_one(uow.session, project, ANN)
    [(asked, left)] = await uow.session.execute(text("SELECT now() - requested_at, deadline - now() FROM assignment"))
    facts = await project_facts(uow.session, project)
    assert (asked, left) == (timedelta(0), timedelta(seconds=facts.lease_seconds))


async def test_drawing_in_another_order_lets_go_of_the_task_held_before(uow: UnitOfWork) -> None:
    project = await a_project(uow)
    await uow.session.execute(text("UPDATE task SET priority_0 = 1 WHERE info = '{\"n\": 2}'"))
    first = await draw_one(uow.session, project, ANN)
    urgent = await draw_one(uow.session, project, ANN, orderby="priority_0", descending=True)
    assert first and urgent and urgent.info == {"n": 2}
    assert (await state_of(uow, first.id, ANN), await state_of(uow, urgent.id, ANN)) == ("offered", "leased")


async def test_after_an_answer_the_preloaded_task_comes_first_and_the_next_preload_is_another(uow: UnitOfWork) -> None:
    project = await a_project(uow)
    [first], [second] = await draw(uow, project, ANN), await draw(uow, project, ANN, offset=1)
    await answer(uow, project, ANN, first.id)
    [third] = await draw(uow, project, ANN, offset=1)
    assert len({first.id, second.id, third.id}) == 3


async def test_a_full_task_is_offered_to_nobody_else(uow: UnitOfWork) -> None:
    project = await a_project(uow, n_tasks=2, n_answers=1)
    [anns], [bens] = await draw(uow, project, ANN), await draw(uow, project, BEN)
    assert anns.id != bens.id
    assert await draw(uow, project, CAT) == []
    facts = await project_facts(uow.session, project)
    assert await contributing.is_waiting(uow.in_session, CAT, facts)


async def test_an_abandoned_slot_is_free_again_after_its_deadline(uow: UnitOfWork) -> None:
    project = await a_project(uow, n_tasks=1, n_answers=1)
    [anns] = await draw(uow, project, ANN)
    await expire(uow, ANN)
    assert [task.id for task in await draw(uow, project, BEN)] == [anns.id]
    assert await state_of(uow, anns.id, ANN) == "offered"


async def test_a_late_answer_beyond_the_slots_is_kept_as_surplus(uow: UnitOfWork) -> None:
    project = await a_project(uow, n_tasks=1, n_answers=1)
    [task] = await draw(uow, project, ANN)
    await expire(uow, ANN)
    await draw(uow, project, BEN)
    late = await answer(uow, project, ANN, task.id)
    assert late.outcome == "stored" and not late.counted and not late.completed
    last = await answer(uow, project, BEN, task.id)
    assert last.counted and last.completed
    runs = (await uow.session.execute(select(Result.task_run_ids).where(Result.last_version))).scalar_one()
    assert runs == [late.run_id, last.run_id]
    assert await breaches(uow.session, project.id) == []


async def test_an_answer_past_its_deadline_counts_while_a_slot_is_free(uow: UnitOfWork) -> None:
    project = await a_project(uow, n_tasks=1, n_answers=1)
    [task] = await draw(uow, project, ANN)
    await expire(uow, ANN)
    late = await answer(uow, project, ANN, task.id)
    assert late.counted and late.completed


async def test_completion_makes_one_result_and_a_surplus_answer_its_next_version(uow: UnitOfWork) -> None:
    project = await a_project(uow, n_tasks=1, n_answers=2)
    task_id = (await uow.session.execute(select(Task.id))).scalar_one()
    receipts = [await leased_and_answered(uow.session, project, who, task_id) for who in (ANN, BEN, CAT)]
    assert [receipt.completed for receipt in receipts] == [False, True, True]
    versions = (await uow.session.execute(select(Result.task_run_ids, Result.last_version).order_by(Result.id))).all()
    ids = [receipt.run_id for receipt in receipts]
    assert [tuple(version) for version in versions] == [(ids[:2], False), (ids, True)]
    assert await breaches(uow.session, project.id) == []


async def test_a_task_never_asked_for_is_refused(uow: UnitOfWork) -> None:
    project = await a_project(uow)
    task_id = (await uow.session.execute(select(Task.id).limit(1))).scalar_one()
    with pytest.raises(Forbidden, match="You must request a task first!"):
        await answer(uow, project, ANN, task_id)


async def test_a_second_answer_is_refused_and_a_repeated_one_is_answered_alike(uow: UnitOfWork) -> None:
    project = await a_project(uow)
    [task] = await draw(uow, project, ANN)
    first = await answer(uow, project, ANN, task.id, idempotency_key="k1")
    again = await answer(uow, project, ANN, task.id, idempotency_key="k1")
    assert again.run_id == first.run_id and again.outcome == "repeated"
    with pytest.raises(Forbidden):
        await answer(uow, project, ANN, task.id, idempotency_key="k2")
    with pytest.raises(Forbidden):
        await answer(uow, project, ANN, task.id)
    assert (await uow.session.execute(select(func.count(TaskRun.id)))).scalar_one() == 1


async def test_a_lent_task_is_held_as_it_is_shown(uow: UnitOfWork) -> None:
    project = await a_project(uow)
    facts = await project_facts(uow.session, project)
    [first], [second] = await draw(uow, project, ANN), await draw(uow, project, ANN, offset=1)
    assert await contributing.lease(uow.in_session, ANN, facts, second.id)
    assert (await state_of(uow, first.id, ANN), await state_of(uow, second.id, ANN)) == ("offered", "leased")
    assert await breaches(uow.session, project.id) == []


async def test_holding_tells_when_the_slots_have_gone(uow: UnitOfWork) -> None:
    project = await a_project(uow, n_tasks=2, n_answers=1)
    facts = await project_facts(uow.session, project)
    await draw(uow, project, ANN)
    [second] = await draw(uow, project, ANN, offset=1)
    assert [task.id for task in await draw(uow, project, BEN)] == [second.id]
    assert not await contributing.lease(uow.in_session, ANN, facts, second.id)


async def test_holding_needs_a_task_that_was_given(uow: UnitOfWork) -> None:
    project = await a_project(uow)
    facts = await project_facts(uow.session, project)
    with pytest.raises(Forbidden):
        await contributing.lease(uow.in_session, ANN, facts, 1)


async def test_a_hundred_tasks_at_once_park_one_slot(uow: UnitOfWork) -> None:
    project = await a_project(uow, n_tasks=120)
    tasks = await draw(uow, project, ANN, limit=500)
    assert len(tasks) == 100
    states = Counter((await uow.session.execute(select(Assignment.state))).scalars())
    assert states == {"leased": 1, "offered": 99}


async def test_breadth_first_begins_with_the_task_that_has_fewest_answers(uow: UnitOfWork) -> None:
    project = await a_project(uow, sched="breadth_first", n_answers=3)
    [first] = await draw(uow, project, ANN)
    await answer(uow, project, ANN, first.id)
    [bens] = await draw(uow, project, BEN)
    assert bens.id != first.id


async def test_depth_first_finishes_a_task_before_the_next(uow: UnitOfWork) -> None:
    project = await a_project(uow, sched="depth_first", n_answers=3)
    [first] = await draw(uow, project, ANN)
    await answer(uow, project, ANN, first.id)
    assert [task.id for task in await draw(uow, project, BEN)] == [first.id]


async def test_depth_first_all_gives_completed_tasks_too(uow: UnitOfWork) -> None:
    project = await a_project(uow, n_tasks=1, sched="depth_first_all", n_answers=1)
    [task] = await draw(uow, project, ANN)
    await answer(uow, project, ANN, task.id)
    assert [found.state for found in await draw(uow, project, BEN)] == ["completed"]
    late = await answer(uow, project, BEN, task.id)
    assert late.outcome == "stored" and not late.counted


async def test_locked_gives_one_task_by_priority_and_looks_one_ahead(uow: UnitOfWork) -> None:
    project = await a_project(uow, sched="locked")
    await uow.session.execute(text("UPDATE task SET priority_0 = 1 WHERE info = '{\"n\": 1}'"))
    assert [task.info for task in await draw(uow, project, ANN, limit=5)] == [{"n": 1}]
    assert [task.info for task in await draw(uow, project, ANN, offset=1)] == [{"n": 0}]
    assert await draw(uow, project, ANN, offset=2) == []
    with pytest.raises(BadRequest):
        await draw(uow, project, ANN, offset=3)


async def test_incremental_shows_the_last_answer(uow: UnitOfWork) -> None:
    project = await a_project(uow, n_tasks=1, sched="incremental")
    [task] = await draw(uow, project, ANN)
    assert "last_answer" not in task.info
    await answer(uow, project, ANN, task.id)
    assert [found.info["last_answer"] for found in await draw(uow, project, BEN)] == ["yes"]


async def test_incremental_gives_one_task_by_priority(uow: UnitOfWork) -> None:
    project = await a_project(uow, n_tasks=9, sched="incremental")
    await uow.session.execute(text("UPDATE task SET priority_0 = 1 WHERE info = '{\"n\": 7}'"))
    assert [task.info for task in await draw(uow, project, ANN, limit=5)] == [{"n": 7}]
    assert [task.info for task in await draw(uow, project, ANN, limit=5, offset=1)] == [{"n": 0}]


async def test_random_gives_each_task_once(uow: UnitOfWork) -> None:
    project = await a_project(uow, n_tasks=5, sched="random")
    seen = set()
    while tasks := await draw(uow, project, ANN):
        assert [task.id for task in await draw(uow, project, ANN)] == [tasks[0].id], "a reload keeps the task"
        await answer(uow, project, ANN, tasks[0].id)
        seen.add(tasks[0].id)
    assert len(seen) == 5


@pytest.mark.parametrize(
    "column", ["id", "created", "priority_0", "quorum", "n_answers", "fav_user_ids", "state", "info"]
)
async def test_every_column_orders(uow: UnitOfWork, column: str) -> None:
    project = await a_project(uow)
    assert len(await draw(uow, project, ANN, orderby=column, limit=10)) == 3


async def test_an_unknown_order_is_refused(uow: UnitOfWork) -> None:
    project = await a_project(uow)
    with pytest.raises(UnsupportedMedia) as refused:
        await draw(uow, project, ANN, orderby="nosuch")
    assert refused.value.kind == "AttributeError"


async def _work(database: Database, project: Project, who: Contributor) -> int:
    """Draw and answer until nothing is left, each step in a unit of work of its own."""
    done = 0
    while True:
        tasks = await _again_while_busy(database, lambda uow: draw(uow, project, who))
        if not tasks:
            return done
        await _again_while_busy(database, lambda uow, task=tasks[0]: answer(uow, project, who, task.id))
        done += 1


async def _again_while_busy(database: Database, step: Any) -> Any:
    while True:
        try:
            async with database.unit() as uow:
                return await step(uow)
        except TransientError:
            await asyncio.sleep(0.005)


async def test_many_at_once_never_exceed_the_redundancy(database: Database) -> None:
    async with database.unit() as uow:
        project = await a_project(uow, n_tasks=20, n_answers=3)
    volunteers = [Contributor(f"anon:v{number}", user_ip="10.0.0.1") for number in range(12)]
    done = await asyncio.gather(*(_work(database, project, who) for who in volunteers))
    async with database.unit() as uow:
        assert await breaches(uow.session, project.id) == []
        counted = (await uow.session.execute(select(func.sum(TaskSlots.n_counted)))).scalar_one()
        results = (await uow.session.execute(select(func.count(Result.id)))).scalar_one()
        runs = (await uow.session.execute(select(func.count(TaskRun.id)))).scalar_one()
    assert (counted, runs, results, sum(done)) == (60, 60, 20, 60)


async def test_two_who_swap_what_they_hold_do_not_wait_for_each_other(database: Database) -> None:
    """Each holds the task that the other is shown next; both requests come in at once."""
    async with database.unit() as uow:
        project = await a_project(uow, n_tasks=2, n_answers=2)
        facts = await project_facts(uow.session, project)
        low, high = (task.id for task in await draw(uow, project, ANN, limit=2))
        await draw(uow, project, BEN, limit=2)
        await contributing.lease(uow.in_session, BEN, facts, high)

    async def swap(who: Contributor, one: int, other: int) -> None:
        for _ in range(20):
            assert await contributing.lease(database.autocommit, who, facts, other)
            assert await contributing.lease(database.autocommit, who, facts, one)

    await asyncio.gather(swap(ANN, low, high), swap(BEN, high, low))
    async with database.unit() as uow:
        assert (await state_of(uow, low, ANN), await state_of(uow, high, BEN)) == ("leased", "leased")
        assert await breaches(uow.session, project.id) == []


async def test_a_slot_past_its_deadline_is_free_for_whoever_was_lent_the_task(uow: UnitOfWork) -> None:
    """Also before anybody draws."""
    project = await a_project(uow, n_tasks=2, n_answers=1)
    facts = await project_facts(uow.session, project)
    first, second = [task.id for task in await draw(uow, project, ANN, limit=2)]
    for task_id in (first, second):
        await contributing.offer(uow.session, BEN, facts, task_id)
    await expire(uow, ANN)
    taken = await answer(uow, project, BEN, first)
    assert taken.counted and taken.completed and await state_of(uow, first, ANN) == "offered"

    assert await contributing.lease(uow.in_session, ANN, facts, second)
    await expire(uow, ANN)
    assert await contributing.lease(uow.in_session, BEN, facts, second)
    assert await state_of(uow, second, ANN) == "offered"
    assert await breaches(uow.session, project.id) == []


async def test_who_opens_a_held_task_by_its_address_has_its_slot_for_the_whole_time_again(uow: UnitOfWork) -> None:
    project = await a_project(uow, n_tasks=1, n_answers=1)
    facts = await project_facts(uow.session, project)
    [task] = await draw(uow, project, ANN)
    await expire(uow, ANN)
    await contributing.offer(uow.session, ANN, facts, task.id)
    assert await draw(uow, project, BEN) == []
    assert (await answer(uow, project, ANN, task.id)).counted
    assert await breaches(uow.session, project.id) == []


async def test_breadth_comes_first_as_soon_as_the_owner_says_so(uow: UnitOfWork) -> None:
    """Also among tasks that were answered before, when nobody reckoned with it."""
    project = await a_project(uow, n_answers=9)
    for who in (ANN, BEN):
        for _ in range(2):
            [task] = await draw(uow, project, who)
            await answer(uow, project, who, task.id)
    project.info = project.info | {"sched": "breadth_first"}
    await uow.session.flush()
    [third] = await draw(uow, project, CAT)
    assert third.info == {"n": 2}
    await answer(uow, project, CAT, third.id)
    assert await breaches(uow.session, project.id) == []
    project.info = project.info | {"sched": "default"}
    await uow.session.flush()
    [first] = await draw(uow, project, CAT)
    await answer(uow, project, CAT, first.id)
    assert await breaches(uow.session, project.id) == []


async def test_an_answer_changes_no_index_of_the_slots(database: Database) -> None:
    """Everybody works at the first tasks, and the remains of old index entries would be in the way of each draw."""
    async with database.unit() as uow:
        project = await a_project(uow, n_answers=9)
    before = await slot_updates(database)
    for n in range(4):
        async with database.unit() as uow:
            who = Contributor(f"anon:{n}", user_ip="10.0.0.1")
            [task] = await draw(uow, project, who)
            await answer(uow, project, who, task.id)
    after = await slot_updates(database)
    assert after[0] - before[0] == after[1] - before[1] == 8


async def slot_updates(database: Database) -> tuple[int, int]:
    """How many updates of slots there have been, and how many of them left every index as it was."""
    query = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'task_slots'"
    async with database.unit() as uow:
        await uow.session.execute(text("SELECT pg_stat_force_next_flush()"))
    async with database.unit() as uow:
        [(every, hot)] = await uow.session.execute(text(query))
    return every, hot


def test_the_database_knows_which_scheduler_puts_breadth_first() -> None:
    """The trigger `breadth_begins` names it (db/migrations): one more needs a migration."""
    assert [one.key for one in SCHEDULERS.values() if one.fewest_runs_first] == ["breadth_first"]
