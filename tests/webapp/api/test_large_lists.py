"""Lists of rows that have megabytes each: all of it that one answer may carry, and otherwise how much that is."""

import pytest
from sqlalchemy import text

from db.models import Task
from db.session import Database
from tests.factories import make_user
from tests.support.client import Client

LARGE = 3 * 1024 * 1024
RUNS = """
INSERT INTO task_run (project_id, task_id, contributor, user_ip, info)
SELECT :project_id, :task_id, 'anon:' || n, '10.0.0.1', CAST(:info AS jsonb) FROM generate_series(1, :n) n
"""
TEXT = '"' + "x" * LARGE + '"'


async def answer(database: Database, task: Task, n: int, info: str) -> None:
    async with database.unit() as uow:
        values = {"project_id": task.project_id, "task_id": task.id, "n": n, "info": info}
        await uow.session.execute(text(RUNS), values)


async def test_rows_too_large_for_one_answer_are_refused_with_how_many_fit(
    client: Client, database: Database, tasks: list[Task]
) -> None:
    await answer(database, tasks[0], 4, TEXT)
    refused = await client.api("GET", f"/api/taskrun?task_id={tasks[0].id}")
    assert refused.status == 413 and "(limit=2)" in refused.json["exception_msg"]
    found = await client.api("GET", f"/api/taskrun?task_id={tasks[0].id}&limit=2")
    assert [run["info"] for run in found.json] == ["x" * LARGE] * 2
    for path in (
        f"task/{tasks[0].id}?related=1",
        f"taskrun?task_id={tasks[0].id}&related=1",
        f"task?id={tasks[0].id}&related=1",
    ):
        assert (await client.api("GET", f"/api/{path}")).status == 413, path


async def test_one_row_is_always_shown(client: Client, database: Database, tasks: list[Task]) -> None:
    await answer(database, tasks[0], 1, '"' + "x" * (9 * 1024 * 1024) + '"')
    [found] = (await client.api("GET", f"/api/taskrun?task_id={tasks[0].id}")).json
    assert len(found["info"]) == 9 * 1024 * 1024


async def test_owners_read_more_at_once(as_owner: Client, database: Database, tasks: list[Task]) -> None:
    await answer(database, tasks[0], 4, TEXT)
    found = await as_owner.api("GET", f"/api/taskrun?task_id={tasks[0].id}")
    assert [len(run["info"]) for run in found.json] == [LARGE] * 4


@pytest.mark.parametrize(
    "info",
    [
        "null",
        '"' + "y" * 5000 + '"',
        '[1.10, 12345678901234567890123, {"é": "\\u0001"}]',
        '{"long": "' + "z" * 3000 + '", "n": 1.50}',
    ],
)
async def test_json_comes_out_as_it_went_in(client: Client, database: Database, tasks: list[Task], info: str) -> None:
    await answer(database, tasks[0], 1, info)
    [listed] = (await client.api("GET", f"/api/taskrun?task_id={tasks[0].id}")).json
    assert listed == (await client.api("GET", f"/api/taskrun/{listed['id']}")).json
    [related] = (await client.api("GET", f"/api/task?id={tasks[0].id}&related=1")).json
    assert related["task_runs"][0]["info"] == listed["info"]


async def test_what_users_keep_beside_their_picture_is_bounded_too(client: Client, database: Database) -> None:
    async with database.unit() as uow:
        for _ in range(12):
            await make_user(uow.session, info={"extra": "x" * 1_000_000})
    assert (await client.api("GET", "/api/user")).status == 413
    assert len((await client.api("GET", "/api/user?limit=5")).json) == 5
