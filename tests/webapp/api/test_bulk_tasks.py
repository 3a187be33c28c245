"""Many tasks in one request to /api/task: all of them or none, with a report (issue C, item 7)."""

from typing import Any

import orjson
import pytest
from sqlalchemy import func, select

from db.models import Project, Task
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.client import Answer, Client
from tests.support.invariants import breaches
from tests.support.statements import statements
from webapp.config import Settings

LINES = {"Content-Type": "application/x-ndjson"}
MOST = 500


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"api_bulk_rows": MOST})


async def n_tasks(database: Database) -> int:
    async with database.unit(read_only=True) as uow:
        return await uow.session.scalar(select(func.count()).select_from(Task)) or 0


async def send_lines(client: Client, *lines: bytes) -> Answer:
    return await client.raw("POST", "/api/task", b"\n".join(lines), LINES)


async def test_an_array_becomes_tasks_in_its_order(as_owner: Client, project: Project, database: Database) -> None:
    sent: list[dict[str, Any]] = [
        {"project_id": project.id, "info": {"n": 0}, "n_answers": 2, "priority_0": 0.5, "quorum": 1, "calibration": 1},
        {"project_id": str(project.id), "info": [1, None, "ü\\u0000"], "n_answers": "5"},
        {"project_id": project.id},
        {"project_id": project.id, "info": 7, "n_answers": 0, "link": "x", "links": []},
    ]
    answer = await as_owner.api("POST", "/api/task", sent)
    assert (answer.status, answer.json["added"], answer.json["refused"]) == (200, 4, []), answer.text
    made = (await as_owner.api("GET", "/api/task")).json
    assert [task["id"] for task in made] == answer.json["ids"]
    assert [task["info"] for task in made] == [{"n": 0}, [1, None, "ü\\u0000"], None, 7]
    assert [task["n_answers"] for task in made] == [2, 5, 30, 1]
    assert [task["quorum"] for task in made] == [1, 0, 0, 0]
    assert (made[0]["priority_0"], made[0]["calibration"], made[0]["state"]) == (0.5, 1, "ongoing")
    async with database.unit(read_only=True) as uow:
        assert await breaches(uow.session, project.id) == []


async def test_bulk_and_single_make_the_same_task(as_owner: Client, project: Project) -> None:
    sent = {"project_id": project.id, "info": {"q": 1.5, "deep": {"a": [True]}}, "priority_0": "0.25"}
    one = (await as_owner.api("POST", "/api/task", sent)).json
    (identity,) = (await as_owner.api("POST", "/api/task", [sent])).json["ids"]
    many = (await as_owner.api("GET", f"/api/task/{identity}")).json
    assert one.keys() <= many.keys()
    assert all(many[name] == value for name, value in one.items() if name not in ("id", "created"))


async def test_lines_become_tasks(as_owner: Client, project: Project) -> None:
    lines = [orjson.dumps({"project_id": project.id, "info": n}) for n in range(3)]
    answer = await send_lines(as_owner, lines[0], b"", lines[1] + b"\r", b"  ", lines[2], b"")
    assert answer.json["added"] == 3, answer.text
    assert [task["info"] for task in (await as_owner.api("GET", "/api/task")).json] == [0, 1, 2]
    assert (await send_lines(as_owner, lines[0])).json["added"] == 1, "one line is a bulk of one"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"wrong": 1}, "TypeError"),
    ({"id": 4}, "BadRequest"),
    ({"state": "completed"}, "BadRequest"),
    ({"n_answers": "x"}, "DataError"),
    ({"n_answers": -1}, "DBIntegrityError"),
    ({"n_answers": 2**31}, "DataError"),
    ({"quorum": None}, "DBIntegrityError"),
    ({"priority_0": "nan"}, "DataError"),
    ({"info": {"k": "a\x00b"}}, "DataError"),
    ({"info": {"\x00": 1}}, "DataError"),
    ({"project_id": None}, "AttributeError"),
    ({"project_id": 987654}, "AttributeError"),
    ({"project_id": -1}, "AttributeError"),
]


async def test_bad_rows_refuse_all_and_are_named(as_owner: Client, project: Project, database: Database) -> None:
    good = {"project_id": project.id, "info": 1}
    answer = await as_owner.api(
        "POST", "/api/task", [good, *({"project_id": project.id} | row for row, _ in BAD), good]
    )
    assert (answer.status, answer.json["status"], answer.json["target"]) == (415, "failed", "task")
    assert (answer.json["added"], answer.json["n_refused"]) == (0, len(BAD))
    refused = [(one["index"], one["exception_cls"]) for one in answer.json["refused"]]
    assert refused == [(index, kind) for index, (_, kind) in enumerate(BAD, 1)]
    assert all(one["reason"] for one in answer.json["refused"])
    assert await n_tasks(database) == 0
    # Each for itself is enough: it is refused by what is wrong with it, not by what the database says.
    for row, kind in BAD:
        alone = await as_owner.api("POST", "/api/task", [good, {"project_id": project.id} | row])
        assert [one["exception_cls"] for one in alone.json["refused"]] == [kind]
    assert await n_tasks(database) == 0


async def test_what_is_no_row_is_named_too(as_owner: Client, project: Project, database: Database) -> None:
    good = orjson.dumps({"project_id": project.id})
    answer = await send_lines(as_owner, good, b"{", b"[1]", good, b'"x"', b'{"a": 1} {"b": 2}')
    assert [(one["index"], one["exception_cls"]) for one in answer.json["refused"]] == [
        *((1, "ValueError"), (2, "TypeError"), (4, "TypeError"), (5, "ValueError")),
    ]
    assert (await as_owner.api("POST", "/api/task", [1])).json["refused"][0]["index"] == 0
    assert (await as_owner.api("POST", "/api/task", b"[1, ")).json["exception_cls"] == "ValueError"
    assert await n_tasks(database) == 0


async def test_nothing_sent_is_nothing_added(as_owner: Client) -> None:
    assert (await as_owner.api("POST", "/api/task", [])).json["added"] == 0
    assert (await send_lines(as_owner)).json["ids"] == []


async def test_of_very_many_bad_rows_the_first_are_named_and_all_counted(as_owner: Client) -> None:
    answer = await as_owner.api("POST", "/api/task", [{}] * 150)
    assert (answer.json["n_refused"], len(answer.json["refused"])) == (150, 100)


async def test_who_may_not_add_one_may_not_add_many(
    client: Client, as_owner: Client, as_stranger: Client, as_admin: Client, project: Project, database: Database
) -> None:
    async with database.unit() as uow:
        others = await make_project(uow.session, await make_user(uow.session))
    rows = [{"project_id": project.id}, {"project_id": others.id}]
    assert (await client.api("POST", "/api/task", rows)).status == 401
    for caller in (as_owner, as_stranger):
        answer = await caller.api("POST", "/api/task", rows)
        assert (answer.status, answer.json["exception_cls"]) == (403, "Forbidden")
    assert await n_tasks(database) == 0
    assert (await as_admin.api("POST", "/api/task", rows)).json["added"] == 2


async def test_a_request_takes_so_many_rows(as_owner: Client, project: Project, database: Database) -> None:
    row = {"project_id": project.id}
    assert (await as_owner.api("POST", "/api/task", [row] * MOST)).json["added"] == MOST
    answer = await as_owner.api("POST", "/api/task", [row] * (MOST + 1))
    assert (answer.status, answer.json["exception_cls"]) == (413, "TooLarge")
    assert await n_tasks(database) == MOST


async def test_many_rows_cost_the_statements_of_one(as_owner: Client, project: Project) -> None:
    counts = []
    for n_rows in (1, MOST):
        with statements() as seen:
            assert (await as_owner.api("POST", "/api/task", [{"project_id": project.id}] * n_rows)).status == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] and counts[0] < 15, counts


async def test_other_resources_take_no_arrays(as_owner: Client, project: Project) -> None:
    answer = await as_owner.api("POST", "/api/page", [{"project_id": project.id}])
    assert (answer.status, answer.json["exception_cls"]) == (415, "TypeError")
