"""/api/taskrun beside submitting (docs/contract/api.md 2.3), which is in `test_contributing`."""

from collections.abc import Callable
from typing import Any

import pytest
from quart import Quart
from werkzeug.datastructures import FileStorage

from db.models import Project, Task, User
from db.session import Database
from tests.factories import leased_and_answered
from tests.support.client import Client
from tests.support.invariants import breaches
from tests.support.pictures import colour_of, drawn, sent_as
from webapp.services.contributing.contributing import Contributor

ANN, BEN = (Contributor(f"anon:{name}", user_ip="10.0.0.1") for name in ("ann", "ben"))


def a_file(name: str = "a drawing.png", content: bytes = drawn()) -> FileStorage:
    return sent_as(name, content)


async def answered(database: Database, project: Project, task: Task, who: Contributor, info: Any = "yes") -> int:
    async with database.unit() as uow:
        run = await leased_and_answered(uow.session, project, who, task.id, info)
        assert run.run_id is not None
        return run.run_id


def as_contributor(user: User) -> Contributor:
    return Contributor(f"user:{user.id}", user.id)


async def test_reading_shows_neither_cookies_nor_keys(
    client: Client, database: Database, project: Project, tasks: list[Task]
) -> None:
    run_id = await answered(database, project, tasks[0], ANN)
    run = (await client.api("GET", f"/api/taskrun/{run_id}")).json
    assert set(run) == {
        *("id", "created", "project_id", "task_id", "user_id", "user_ip", "finish_time", "timeout", "calibration"),
        *("external_uid", "media_url", "info", "counted", "link", "links"),
    }
    assert [link.split("'")[3] for link in run["links"]] == ["project", "task"]
    for query in ("contributor=anon:ann", "orderby=contributor", "idempotency_key=x"):
        assert (await client.api("GET", f"/api/taskrun?{query}")).status == 415


async def test_filters(client: Client, database: Database, project: Project, tasks: list[Task], owner: User) -> None:
    anonymous = await answered(database, project, tasks[0], ANN, {"answer": "yes"})
    signed = await answered(database, project, tasks[0], as_contributor(owner), "a text")
    app = await answered(
        database, project, tasks[1], Contributor(f"ext:{project.id}:u1", external_uid="u1"), {"answer": "no"}
    )

    async def found(query: str) -> list[int]:
        return [run["id"] for run in (await client.api("GET", f"/api/taskrun?{query}")).json]

    assert await found("") == [anonymous, signed, app]
    assert await found(f"task_id={tasks[0].id}") == [anonymous, signed]
    assert await found(f"user_id={owner.id}") == [signed]
    assert await found("external_uid=u1") == [app]
    assert await found("user_ip=10.0.0.1") == [anonymous]
    assert await found("info=answer::yes") == [anonymous]
    assert await found("info=a text") == [signed]
    assert await found("orderby=finish_time&desc=1") == [app, signed, anonymous]
    assert await found("counted=false") == []


async def test_task_and_result_come_along(
    client: Client, database: Database, project: Project, tasks: list[Task]
) -> None:
    run_ids = [await answered(database, project, tasks[0], who) for who in (ANN, BEN)]
    for run in (await client.api("GET", "/api/taskrun?related=1")).json:
        assert run["task"]["id"] == tasks[0].id and run["result"]["task_run_ids"] == run_ids


async def test_the_author_changes_what_was_answered_and_nothing_else(
    client: Client,
    as_owner: Client,
    with_key: Callable[[User], Client],
    stranger: User,
    database: Database,
    project: Project,
    tasks: list[Task],
) -> None:
    run_id = await answered(database, project, tasks[0], as_contributor(stranger))
    path, author = f"/api/taskrun/{run_id}", with_key(stranger)
    whole = (await author.api("GET", path)).json
    kept = {key: value for key, value in whole.items() if key not in ("id", "created", "finish_time")}
    assert (await author.api("PUT", path, kept | {"info": "no"})).json["info"] == "no"
    for moved in ({"task_id": tasks[1].id}, {"project_id": 99}, {"user_id": None}, {"external_uid": "x"}):
        assert (await author.api("PUT", path, moved)).status == 403
    assert (await author.api("PUT", path, {"counted": False})).json["counted"] is True
    assert (await author.api("PUT", path, {"finish_time": "2020-01-01"})).status == 400
    assert (await author.api("PUT", path, {"contributor": "x"})).status == 415
    assert (await client.api("PUT", path, {"info": 1})).status == 401
    assert (await as_owner.api("PUT", path, {"info": 1})).status == 403


async def test_a_deleted_answer_may_be_given_again(
    with_key: Callable[[User], Client], stranger: User, database: Database, project: Project, tasks: list[Task]
) -> None:
    run_id = await answered(database, project, tasks[0], as_contributor(stranger))
    author = with_key(stranger)
    assert (await author.api("DELETE", f"/api/taskrun/{run_id}")).status == 204
    async with database.unit(read_only=True) as uow:
        assert await breaches(uow.session, project.id) == []
    task = (await author.api("GET", f"/api/project/{project.id}/newtask")).json
    assert task["id"] == tasks[0].id
    again = await author.api("POST", "/api/taskrun", {"project_id": project.id, "task_id": task["id"], "info": 2})
    assert again.status == 200
    async with database.unit(read_only=True) as uow:
        assert await breaches(uow.session, project.id) == []


async def test_anonymous_answers_are_for_administrators(
    client: Client, as_owner: Client, as_admin: Client, database: Database, project: Project, tasks: list[Task]
) -> None:
    run_id = await answered(database, project, tasks[0], ANN)
    for caller, status in ((client, 401), (as_owner, 403), (as_admin, 204), (as_admin, 404)):
        assert (await caller.api("DELETE", f"/api/taskrun/{run_id}")).status == status


async def test_what_a_result_rests_on_is_changed_by_nobody(
    with_key: Callable[[User], Client],
    as_admin: Client,
    stranger: User,
    database: Database,
    project: Project,
    tasks: list[Task],
) -> None:
    run_id = await answered(database, project, tasks[0], as_contributor(stranger))
    await answered(database, project, tasks[0], ANN)
    for caller in (with_key(stranger), as_admin):
        assert (await caller.api("PUT", f"/api/taskrun/{run_id}", {"info": 1})).status == 403
        assert (await caller.api("DELETE", f"/api/taskrun/{run_id}")).status == 403


async def test_an_answer_with_a_file(client: Client, app: Quart, project: Project, tasks: list[Task]) -> None:
    task = (await client.api("GET", f"/api/project/{project.id}/newtask")).json
    fields = {"project_id": project.id, "task_id": task["id"], "info": {"comment": "see"}}
    run = (await client.upload("POST", "/api/taskrun", fields, a_file("blob"))).json
    assert run["info"]["comment"] == "see" and run["info"]["container"] == "anonymous"
    assert run["info"]["file_name"].endswith(".png")
    assert run["media_url"] == f"http://localhost/uploads/anonymous/{run['info']['file_name']}"
    assert colour_of((await client.get(run["media_url"].removeprefix("http://localhost"))).content) == (1, 0, 0)


async def test_the_same_answer_sent_twice_keeps_one_file(
    client: Client, app: Quart, project: Project, tasks: list[Task]
) -> None:
    task = (await client.api("GET", f"/api/project/{project.id}/newtask")).json
    fields = {"project_id": project.id, "task_id": task["id"], "info": {}}
    key = {"Idempotency-Key": "a7f3"}
    first = (await client.upload("POST", "/api/taskrun", fields, a_file(), headers=key)).json
    again = (await client.upload("POST", "/api/taskrun", fields, a_file(), headers=key)).json
    assert again["id"] == first["id"] and again["media_url"] == first["media_url"]
    assert stored(app) == [first["info"]["file_name"]]


@pytest.mark.parametrize(
    ("fields", "file", "part"),
    [
        ({}, a_file("program.exe"), "file"),
        ({}, a_file(), "picture"),
        ({"info": "no json"}, a_file(), "file"),
        ({"info": [1]}, a_file(), "file"),
        ({"task_id": "x"}, a_file(), "file"),
    ],
)
async def test_files_that_are_not_taken(
    client: Client,
    app: Quart,
    project: Project,
    tasks: list[Task],
    fields: dict[str, Any],
    file: FileStorage,
    part: str,
) -> None:
    task = (await client.api("GET", f"/api/project/{project.id}/newtask")).json
    given = {"project_id": project.id, "task_id": task["id"], "info": {}} | fields
    answer = await client.upload("POST", "/api/taskrun", given, file, part=part)
    assert answer.status in (403, 415), answer.text
    assert (await client.api("GET", "/api/taskrun")).json == []
    assert stored(app) == []


async def test_a_refused_answer_leaves_no_file(client: Client, app: Quart, project: Project, tasks: list[Task]) -> None:
    given = {"project_id": project.id, "task_id": tasks[0].id, "info": {}}
    assert (await client.upload("POST", "/api/taskrun", given, a_file())).status == 403
    assert stored(app) == []


def stored(app: Quart) -> list[str]:
    """The names of the files that are kept."""
    folder = app.extensions["workbee"].settings.data_dir / "uploads"
    return sorted(path.name for path in folder.rglob("*") if path.is_file())
