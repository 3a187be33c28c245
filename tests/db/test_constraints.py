"""What the database itself refuses, whoever asks and however many at once."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from db.errors import ConstraintViolation, Duplicate, InUse, InvalidValue
from db.models import Announcement, Assignment, Result, Task, TaskRun, User
from db.session import UnitOfWork
from tests.factories import make_project, make_tasks, make_user

NOW = datetime.now(UTC)


async def a_task(session: AsyncSession, **values: Any) -> Task:
    project = await make_project(session, await make_user(session))
    return (await make_tasks(session, project, **values))[0]


async def refused(uow: UnitOfWork, statement: Any, error: type[ConstraintViolation], constraint: str) -> None:
    """The statement raises this error for this constraint. The unit of work is of no use any more."""
    uow.set_rollback_only()
    with pytest.raises(error) as caught:
        await uow.session.execute(statement)
    assert caught.value.constraint == constraint


def run_of(task: Task, **values: Any) -> Any:
    given = {"project_id": task.project_id, "task_id": task.id, "contributor": "ip:10.0.0.1", "user_ip": "10.0.0.1"}
    return insert(TaskRun).values(given | values)


def assignment_of(task: Task, **values: Any) -> Any:
    given = {"project_id": task.project_id, "task_id": task.id, "contributor": "user:1", "state": "offered"}
    return insert(Assignment).values(given | values)


@pytest.mark.parametrize(
    ("counts", "constraint"),
    [
        ("n_counted = 3, n_runs = 3", "ck_task_slots_ceiling_kept"),
        ("n_leased = 3", "ck_task_slots_ceiling_kept"),
        ("n_counted = 2, n_runs = 2, n_leased = 1", "ck_task_slots_ceiling_kept"),
        ("n_leased = -1", "ck_task_slots_counts_sane"),
        ("n_counted = 1", "ck_task_slots_counts_sane"),
        ("ceiling = 1", "ck_task_slots_ceiling_high_enough"),
    ],
)
async def test_slots_never_exceed_the_redundancy(uow: UnitOfWork, counts: str, constraint: str) -> None:
    await a_task(uow.session, n_answers=2)

    await refused(uow, text(f"UPDATE task_slots SET {counts}"), InvalidValue, constraint)


async def test_a_contributor_answers_a_task_once(uow: UnitOfWork) -> None:
    task = await a_task(uow.session)
    await uow.session.execute(run_of(task))

    await refused(uow, run_of(task, user_ip="10.9.9.9"), Duplicate, "uq_task_run_task_id_contributor")


async def test_a_submission_is_stored_once(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session))
    first, second, third = await make_tasks(uow.session, project, 3)
    await uow.session.execute(run_of(first, idempotency_key="k"))
    await uow.session.execute(run_of(second, idempotency_key="k", contributor="ip:10.0.0.2"))
    await uow.session.execute(run_of(second, idempotency_key=None))

    await refused(uow, run_of(third, idempotency_key="k"), Duplicate, "uq_task_run_idempotency_key")


@pytest.mark.parametrize(
    "identity", [{"user_ip": None}, {"external_uid": "x"}, {"user_ip": None, "user_id": 1, "external_uid": "x"}]
)
async def test_a_run_has_one_identity(uow: UnitOfWork, identity: dict[str, Any]) -> None:
    task = await a_task(uow.session)

    await refused(uow, run_of(task, **identity), InvalidValue, "ck_task_run_one_identity")


@pytest.mark.parametrize("table", ["run", "result", "assignment"])
async def test_nothing_names_a_task_of_another_project(uow: UnitOfWork, table: str) -> None:
    task = await a_task(uow.session)
    other = await make_project(uow.session, await make_user(uow.session))
    statement = {
        "run": run_of(task, project_id=other.id),
        "result": insert(Result).values(project_id=other.id, task_id=task.id, task_run_ids=[]),
        "assignment": assignment_of(task, project_id=other.id),
    }[table]
    name = {"run": "task_run"}.get(table, table)

    await refused(uow, statement, InvalidValue, f"fk_{name}_project_id_task_id_task")


async def test_a_task_that_has_runs_stays_in_its_project(uow: UnitOfWork) -> None:
    task = await a_task(uow.session)
    other = await make_project(uow.session, await make_user(uow.session))

    move = text("UPDATE task SET project_id = :other WHERE id = :task").bindparams(other=other.id, task=task.id)
    await refused(uow, move, InUse, "slots_follow_tasks")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO task_slots (task_id, project_id, n_answers, ceiling) VALUES (9999999, :project, 1, 1)",
        "DELETE FROM task_slots WHERE task_id = :task",
        "UPDATE task_slots SET task_id = task_id + 1 WHERE task_id = :task",
        "UPDATE task_slots SET project_id = project_id + 1 WHERE task_id = :task",
        "UPDATE task SET id = id + 1000 WHERE id = :task",
    ],
)
async def test_slots_are_nowhere_without_their_task(uow: UnitOfWork, statement: str) -> None:
    task = await a_task(uow.session)
    values = {"task": task.id, "project": task.project_id}
    named = {name: value for name, value in values.items() if f":{name}" in statement}

    await refused(uow, text(statement).bindparams(**named), InUse, "slots_follow_tasks")


async def test_a_task_has_one_current_result(uow: UnitOfWork) -> None:
    task = await a_task(uow.session)
    result = {"project_id": task.project_id, "task_id": task.id, "task_run_ids": [1]}
    await uow.session.execute(insert(Result).values(result | {"last_version": False}))
    await uow.session.execute(insert(Result).values(result))

    await refused(uow, insert(Result).values(result), Duplicate, "uq_result_last_version")


async def test_a_contributor_holds_one_task_a_project(uow: UnitOfWork) -> None:
    project = await make_project(uow.session, await make_user(uow.session))
    first, second, third = await make_tasks(uow.session, project, 3)
    await uow.session.execute(assignment_of(first, state="leased", deadline=NOW))
    await uow.session.execute(assignment_of(second, state="reserved", deadline=NOW))
    await uow.session.execute(assignment_of(third, state="leased", deadline=NOW, contributor="user:2"))

    await refused(uow, assignment_of(third, state="leased", deadline=NOW), Duplicate, "uq_assignment_one_lease")


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"state": "leased"}, "ck_assignment_deadline_if_leased"),
        ({"state": "offered", "deadline": NOW}, "ck_assignment_deadline_if_leased"),
        ({"state": "lost"}, "ck_assignment_state_known"),
    ],
)
async def test_assignments_are_in_a_known_state(uow: UnitOfWork, values: dict[str, Any], constraint: str) -> None:
    task = await a_task(uow.session)

    await refused(uow, assignment_of(task, **values), InvalidValue, constraint)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [({"n_answers": 0}, "ck_task_n_answers_positive"), ({"state": "0"}, "ck_task_state_known")],
)
async def test_tasks_are_sound(uow: UnitOfWork, values: dict[str, Any], constraint: str) -> None:
    project = await make_project(uow.session, await make_user(uow.session))

    await refused(uow, insert(Task).values(project_id=project.id, **values), InvalidValue, constraint)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("name = ''", "ck_project_name_given"),
        ("short_name = ''", "ck_project_short_name_given"),
        ("description = ''", "ck_project_description_given"),
        ("owners_ids = '{}'", "ck_project_owner_among_owners"),
    ],
)
async def test_projects_are_sound(uow: UnitOfWork, change: str, constraint: str) -> None:
    await make_project(uow.session, await make_user(uow.session))

    await refused(uow, text(f"UPDATE project SET {change}"), InvalidValue, constraint)


@pytest.mark.parametrize(("taken", "wanted"), [("flags", "flags"), ("flags", "Flags"), ("flags", "f1ags")])
async def test_names_of_projects_are_unique_in_their_looks(uow: UnitOfWork, taken: str, wanted: str) -> None:
    owner = await make_user(uow.session)
    await make_project(uow.session, owner, short_name=taken)
    uow.set_rollback_only()

    with pytest.raises(Duplicate) as caught:
        await make_project(uow.session, owner, short_name=wanted)

    assert caught.value.columns[0].startswith("short_name")


async def test_accounts_that_own_wrote_or_answered_stay(uow: UnitOfWork) -> None:
    owner, author, volunteer = [await make_user(uow.session) for _ in range(3)]
    (task,) = await make_tasks(uow.session, await make_project(uow.session, owner))
    uow.session.add(Announcement(user_id=author.id, title="News", body="Read them"))
    await uow.session.flush()
    await uow.session.execute(run_of(task, user_ip=None, user_id=volunteer.id))

    for user, constraint in (
        (owner, "fk_project_owner_id_users"),
        (author, "fk_announcement_user_id_users"),
        (volunteer, "fk_task_run_user_id_users"),
    ):
        with pytest.raises(InUse) as caught:
            async with uow.session.begin_nested():
                await uow.session.execute(text("DELETE FROM users WHERE id = :id"), {"id": user.id})
        assert caught.value.constraint == constraint
    assert await uow.session.get(User, owner.id) is not None
