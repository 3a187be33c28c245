"""Data out: what is in the zips, and who may have them (05-jobs section 7)."""

import csv
import io
import zipfile
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from db.models import Project, Result, Task, User
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Answer, Client
from webapp.services.exporting.flattening import FURTHER, MOST_COLUMNS, Columns, flat, flat_infos


@pytest.fixture
async def owner(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session)


@pytest.fixture
async def project(database: Database, owner: User) -> Project:
    async with database.unit() as uow:
        return await make_project(uow.session, owner)


def files(answer: Answer) -> dict[str, bytes]:
    assert answer.status == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def lines(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


async def add_tasks(database: Database, project: Project, *infos: Any) -> list[Task]:
    async with database.unit() as uow:
        return [(await make_tasks(uow.session, project, info=info))[0] for info in infos]


async def test_json_holds_every_row_with_all_of_its_columns(
    client: Client, database: Database, project: Project
) -> None:
    tasks = await add_tasks(database, project, {"a": [1, {"b": None}]}, "ü")
    answer = await client.get(f"/project/{project.short_name}/tasks/export?type=task&format=json")
    name = f"{project.id}_{project.short_name}_task_json.zip"
    assert f'attachment; filename="{name}"' in answer.headers["Content-Disposition"]
    rows = orjson.loads(files(answer)[f"{project.short_name}_task.json"])
    assert [(row["id"], row["info"]) for row in rows] == [(tasks[0].id, {"a": [1, {"b": None}]}), (tasks[1].id, "ü")]
    assert set(rows[0]) == {
        *("id", "created", "project_id", "state", "quorum", "calibration", "priority_0", "info", "n_answers"),
        "fav_user_ids",
    }
    assert not rows[0]["created"].endswith("Z") and "+" not in rows[0]["created"]


async def test_csv_flattens_rows_and_gives_the_info_alone(client: Client, database: Database, project: Project) -> None:
    tasks = await add_tasks(database, project, {"q": "a,b", "n": 3}, {"n": 4, "more": [True, {"deep": 2.5}], "no": []})
    found = files(await client.get(f"/project/{project.short_name}/tasks/export?type=task&format=csv"))
    whole = lines(found[f"{project.short_name}_task.csv"])
    assert [row["info_q"] for row in whole] == ["a,b", ""]
    assert [row["info_n"] for row in whole] == ["3", "4"]
    assert (whole[1]["info_more_0"], whole[1]["info_more_1_deep"]) == ("True", "2.5")
    assert "info_no" not in whole[0]
    alone = lines(found[f"{project.short_name}_task_info_only.csv"])
    assert alone[0] | {"q": "a,b", "n": "3", "task_id": str(tasks[0].id)} == alone[0]


async def test_results_are_exported_in_their_last_version(client: Client, database: Database, project: Project) -> None:
    (task,) = await add_tasks(database, project, {"n": 1})
    async with database.unit() as uow:
        for last in (False, True):
            values = {"project_id": project.id, "task_id": task.id, "task_run_ids": [1, 2], "last_version": last}
            uow.session.add(Result(**values, info={"last": last}))
    found = files(await client.get(f"/project/{project.short_name}/tasks/export?type=result&format=csv"))
    (row,) = lines(found[f"{project.short_name}_result.csv"])
    assert (row["info_last"], row["task_run_ids"]) == ("True", "[1,2]")


async def test_more_rows_than_one_page_are_all_there(client: Client, database: Database, project: Project) -> None:
    async with database.unit() as uow:
        tasks = await make_tasks(uow.session, project, 2500)
    found = files(await client.get(f"/project/{project.short_name}/tasks/export?type=task&format=json"))
    assert [row["id"] for row in orjson.loads(found[f"{project.short_name}_task.json"])] == [one.id for one in tasks]


async def test_nothing_yet_is_an_empty_list(client: Client, project: Project) -> None:
    url = f"/project/{project.short_name}/tasks/export?type=task_run"
    assert orjson.loads(files(await client.get(f"{url}&format=json"))[f"{project.short_name}_task_run.json"]) == []
    assert files(await client.get(f"{url}&format=csv"))[f"{project.short_name}_task_run.csv"] == b""


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("type=task", 404),
        ("format=csv", 404),
        ("type=nosuch&format=csv", 404),
        ("type=task&format=xml", 415),
    ],
)
async def test_what_there_is_not_is_refused(client: Client, project: Project, query: str, status: int) -> None:
    assert (await client.get(f"/project/{project.short_name}/tasks/export?{query}")).status == status


async def test_the_page_offers_the_downloads(client: Client, project: Project) -> None:
    page = await client.get(f"/project/{project.short_name}/tasks/export")
    assert "export?type=task_run&amp;format=csv" in page.text


async def test_owners_may_keep_their_data_to_themselves(
    client: Client, as_user: Callable[[User], Client], database: Database, owner: User
) -> None:
    async with database.unit() as uow:
        closed = await make_project(uow.session, owner, zip_download=False)
    url = f"/project/{closed.short_name}/tasks/export?type=task&format=json"
    assert (await client.get(url)).status == 401
    assert (await as_user(owner).get(url)).status == 200


async def test_drafts_and_protected_projects_are_gated(client: Client, database: Database, owner: User) -> None:
    async with database.unit() as uow:
        draft = await make_project(uow.session, owner, published=False)
        secret = await make_project(uow.session, owner, info={"passwd_hash": "x"})
    query = "tasks/export?type=task&format=json"
    assert (await client.get(f"/project/{draft.short_name}/{query}")).status == 401
    assert (await client.get(f"/project/{secret.short_name}/{query}")).status == 302


def test_columns_without_end_share_one() -> None:
    columns = Columns()
    row = flat({"info": {f"k{number}": number for number in range(MOST_COLUMNS + 2)}})
    columns.learn(row)
    assert len(columns.names) == MOST_COLUMNS + 1 and columns.names[-1] == FURTHER
    assert orjson.loads(columns.cells(row)[-1]) == {"info_k2000": 2000, "info_k2001": 2001}


def test_values_nested_without_end_become_text() -> None:
    value: Any = "bottom"
    for _level in range(300):
        value = {"in": value}
    assert len(flat({"info": value})) == 1


def test_a_list_makes_a_line_of_each_of_its_objects() -> None:
    row = {"id": 7, "info": [{"x": 1}, 5, {"x": 2}]}
    assert list(flat_infos(row, "task_run_id")) == [{"x": 1, "task_run_id": 7}, {"x": 2, "task_run_id": 7}]
    assert list(flat_infos({"id": 7, "info": "yes"}, "task_run_id")) == []
