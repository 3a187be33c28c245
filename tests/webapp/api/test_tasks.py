"""/api/task (docs/contract/api.md 2.2); lists in general are in `test_lists`."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from db.models import Project, Result, Task, TaskSlots, User
from db.session import Database
from tests.factories import leased_and_answered, make_project, make_tasks, make_user
from tests.support.client import Client
from tests.support.invariants import breaches
from webapp.services.contributing.contributing import Contributor

ANN, BEN = (Contributor(f"anon:{name}", user_ip="10.0.0.1") for name in ("ann", "ben"))


async def test_an_owner_adds_tasks(as_owner: Client, as_admin: Client, project: Project) -> None:
    sent = {"project_id": project.id, "info": {"question": "who"}, "n_answers": 2, "priority_0": 0.9}
    made = await as_owner.api("POST", "/api/task", sent)
    assert made.status == 200
    assert sent.items() <= made.json.items()
    assert (made.json["state"], made.json["quorum"], made.json["calibration"], made.json["fav_user_ids"]) == (
        *("ongoing", 0, 0, None),
    )
    assert set(made.json) == {
        *("id", "created", "project_id", "state", "quorum", "calibration", "priority_0", "info", "n_answers"),
        "fav_user_ids",
    }
    assert (await as_admin.api("POST", "/api/task", {"project_id": project.id})).json["n_answers"] == 30


@pytest.mark.parametrize("info", ["a text", [1, 2], 42, None, {"a": {"b": None}}])
async def test_any_json_is_a_task(as_owner: Client, project: Project, info: Any) -> None:
    made = (await as_owner.api("POST", "/api/task", {"project_id": project.id, "info": info})).json
    assert (await as_owner.api("GET", f"/api/task/{made['id']}")).json["info"] == info


async def test_numbers_may_come_as_text(as_owner: Client, project: Project) -> None:
    made = await as_owner.api("POST", "/api/task", {"project_id": str(project.id), "n_answers": "5"})
    assert made.json["n_answers"] == 5


async def test_no_answers_wanted_means_one(as_owner: Client, project: Project) -> None:
    made = (await as_owner.api("POST", "/api/task", {"project_id": project.id, "n_answers": 0})).json
    assert made["n_answers"] == 1
    assert (await as_owner.api("PUT", f"/api/task/{made['id']}", {"n_answers": 0})).json["n_answers"] == 1


@pytest.mark.parametrize(
    ("values", "status", "kind"),
    [
        ({"project_id": 9999}, 415, "AttributeError"),
        ({"project_id": None}, 415, "AttributeError"),
        ({"wrong": 1}, 415, "TypeError"),
        ({"info_hash": "x"}, 415, "TypeError"),
        ({"state": "completed"}, 400, "BadRequest"),
        ({"fav_user_ids": [1]}, 400, "BadRequest"),
        ({"n_answers": "x"}, 415, "DataError"),
        ({"n_answers": -1}, 415, "DBIntegrityError"),
        ({"n_answers": 1.5}, 415, "DataError"),
        ({"priority_0": "high"}, 415, "DataError"),
        ({"priority_0": "nan"}, 415, "DataError"),
        ({"priority_0": True}, 415, "DataError"),
        ({"info": {"k": "a\x00b"}}, 415, "DataError"),
    ],
)
async def test_what_is_no_task(
    as_owner: Client, project: Project, values: dict[str, Any], status: int, kind: str
) -> None:
    answer = await as_owner.api("POST", "/api/task", {"project_id": project.id} | values)
    assert (answer.status, answer.json["exception_cls"]) == (status, kind), answer.text
    assert (await as_owner.api("GET", "/api/task")).json == []


async def test_strangers_neither_add_nor_change_nor_delete(
    client: Client, as_stranger: Client, project: Project, tasks: list[Task]
) -> None:
    path = f"/api/task/{tasks[0].id}"
    for caller, status in ((client, 401), (as_stranger, 403)):
        assert (await caller.api("POST", "/api/task", {"project_id": project.id})).status == status
        assert (await caller.api("PUT", path, {"info": 1})).status == status
        assert (await caller.api("DELETE", path)).status == status


async def test_given_keys_change(as_owner: Client, tasks: list[Task], database: Database) -> None:
    path = f"/api/task/{tasks[0].id}"
    whole = (await as_owner.api("GET", path)).json
    kept = {key: value for key, value in whole.items() if key not in ("id", "created", "state", "fav_user_ids")}
    changed = await as_owner.api("PUT", path, kept | {"info": {"more": True}, "priority_0": 1})
    assert changed.json["info"] == {"more": True}
    assert (changed.json["n_answers"], changed.json["project_id"]) == (whole["n_answers"], whole["project_id"])
    async with database.unit(read_only=True) as uow:
        slots = await uow.session.get_one(TaskSlots, tasks[0].id)
    assert slots.priority_0 == 1.0, "the order of handing out follows"


async def test_a_task_stays_in_its_project(
    as_owner: Client, tasks: list[Task], database: Database, owner: User
) -> None:
    async with database.unit() as uow:
        other = await make_project(uow.session, owner)
    answer = await as_owner.api("PUT", f"/api/task/{tasks[0].id}", {"project_id": other.id})
    assert answer.status == 403


async def test_redundancy_lowered_to_what_is_there_completes(
    as_owner: Client, tasks: list[Task], project: Project, database: Database
) -> None:
    async with database.unit() as uow:
        await leased_and_answered(uow.session, project, ANN, tasks[0].id)
    changed = (await as_owner.api("PUT", f"/api/task/{tasks[0].id}", {"n_answers": 1})).json
    assert (changed["state"], changed["n_answers"]) == ("completed", 1)
    async with database.unit(read_only=True) as uow:
        (result,) = (await uow.session.scalars(select(Result))).all()
        assert result.task_id == tasks[0].id and len(result.task_run_ids) == 1
        assert await breaches(uow.session, project.id) == []


async def test_a_completed_task_reopens_only_for_more_answers(
    as_owner: Client, tasks: list[Task], project: Project, database: Database
) -> None:
    async with database.unit() as uow:
        for who in (ANN, BEN):
            await leased_and_answered(uow.session, project, who, tasks[0].id)
    path = f"/api/task/{tasks[0].id}"
    assert (await as_owner.api("PUT", path, {"info": 1})).json["state"] == "completed"
    assert (await as_owner.api("PUT", path, {"n_answers": 2})).json["state"] == "completed"
    assert (await as_owner.api("PUT", path, {"n_answers": 3})).json["state"] == "ongoing"
    async with database.unit(read_only=True) as uow:
        assert await breaches(uow.session, project.id) == []


async def test_deleting_takes_answers_along(
    as_owner: Client, tasks: list[Task], project: Project, database: Database
) -> None:
    async with database.unit() as uow:
        await leased_and_answered(uow.session, project, ANN, tasks[0].id)
    gone = await as_owner.api("DELETE", f"/api/task/{tasks[0].id}")
    assert (gone.status, gone.content) == (204, b"")
    assert (await as_owner.api("DELETE", f"/api/task/{tasks[0].id}")).status == 404
    assert (await as_owner.api("GET", "/api/taskrun")).json == []
    async with database.unit(read_only=True) as uow:
        assert await breaches(uow.session, project.id) == []


async def test_a_task_with_a_result_is_for_administrators_to_delete(
    as_owner: Client, as_admin: Client, tasks: list[Task], project: Project, database: Database
) -> None:
    async with database.unit() as uow:
        for who in (ANN, BEN):
            await leased_and_answered(uow.session, project, who, tasks[0].id)
    assert (await as_owner.api("DELETE", f"/api/task/{tasks[0].id}")).status == 403
    assert (await as_admin.api("DELETE", f"/api/task/{tasks[0].id}")).status == 204
    async with database.unit(read_only=True) as uow:
        assert await breaches(uow.session, project.id) == []


async def test_what_belongs_to_tasks_comes_along_if_asked_for(
    client: Client, tasks: list[Task], project: Project, database: Database
) -> None:
    async with database.unit() as uow:
        for who in (ANN, BEN):
            await leased_and_answered(uow.session, project, who, tasks[0].id, {"by": who.key})
    for done, fresh in (
        ((await client.api("GET", "/api/task?related=1&limit=2")).json),
        [(await client.api("GET", f"/api/task/{task.id}?related=true")).json for task in tasks[:2]],
    ):
        assert [run["info"]["by"] for run in done["task_runs"]] == ["anon:ann", "anon:ben"]
        assert "contributor" not in done["task_runs"][0], "a volunteer's cookie is their own"
        assert done["result"]["task_run_ids"] == [run["id"] for run in done["task_runs"]]
        assert (fresh["task_runs"], fresh["result"]) == ([], None)


async def test_tasks_that_the_caller_has_not_answered(
    client: Client, with_key: Callable[[User], Client], tasks: list[Task], project: Project, database: Database
) -> None:
    async with database.unit() as uow:
        user = await make_user(uow.session)
        await make_tasks(uow.session, await make_project(uow.session, user), 1)
        await leased_and_answered(uow.session, project, Contributor(f"user:{user.id}", user.id), tasks[0].id)
        ext = Contributor(f"ext:{project.id}:u1", external_uid="u1")
        await leased_and_answered(uow.session, project, ext, tasks[1].id)

    async def left(caller: Client, more: str = "") -> list[int]:
        answer = await caller.api("GET", f"/api/task?participated=1&project_id={project.id}{more}")
        return [task["id"] for task in answer.json]

    first, second, third = (task.id for task in tasks)
    assert await left(with_key(user)) == [second, third], "not only of the caller's own projects"
    assert await left(client) == [first, second, third]
    assert await left(client, "&external_uid=u1") == [first, third]
