"""Export: what is in the zips, and who may have them (docs/contract/jobs.md 7)."""

import asyncio
import csv
import io
import os
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from db import json
from db.models import Project, Result, Task, User
from db.queries.reading import exports
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Answer, Client
from tests.support.processes import until
from tests.support.services import TestServices
from webapp.app import create_app
from webapp.config import Settings
from webapp.services.exporting import ExportFailed, csv_format, folder
from webapp.services.exporting.flattening import (
    FURTHER,
    LONGEST_NAME,
    MOST_COLUMNS,
    MOST_LINES,
    Columns,
    cells,
    lines_of_info,
)
from webapp.services.exporting.folder import FOLDER
from webapp.services.importing.rows import typed


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
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


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


@pytest.mark.parametrize(
    "more", [{f"k{number}": number for number in range(MOST_COLUMNS + 2)}, {"k" * (LONGEST_NAME + 1): 1}]
)
async def test_a_row_with_too_many_columns_has_all_its_data_in_one(
    client: Client, database: Database, project: Project, more: dict[str, int]
) -> None:
    await add_tasks(database, project, {"q": "few"}, more)
    found = files(await client.get(f"/project/{project.short_name}/tasks/export?type=task&format=csv"))
    for content in found.values():
        few, many = lines(content)
        assert len(few) <= MOST_COLUMNS + 1 and list(few)[-1] == FURTHER
        assert (few[FURTHER], orjson.loads(many[FURTHER])) == ("", more)


def test_values_nested_without_end_become_text() -> None:
    value: Any = "bottom"
    for _level in range(300):
        value = {"in": value}
    assert len(list(cells({"info": value}))) == 1


async def test_a_list_makes_a_line_of_each_of_its_objects(client: Client, database: Database, project: Project) -> None:
    many = [{"x": number} for number in range(MOST_LINES + 1)]
    tasks = await add_tasks(database, project, [{"x": 1}, 5, {"x": 2}], "yes", many)
    found = files(await client.get(f"/project/{project.short_name}/tasks/export?type=task&format=csv"))
    first, second, all_of_many = lines(found[f"{project.short_name}_task_info_only.csv"])
    assert [(one["x"], one["task_id"]) for one in (first, second)] == [("1", str(tasks[0].id)), ("2", str(tasks[0].id))]
    assert orjson.loads(all_of_many[FURTHER]) == many


async def test_no_column_is_another_ones(client: Client, database: Database, project: Project) -> None:
    info = {"a": {"b": "1"}, "a_b": "2", "a_b.1": "3", "task_id": "4", "Task_id": "5", FURTHER: "6", "": "7"}
    (task,) = await add_tasks(database, project, info | {"list": ["8"], "list_0": "9"})
    found = files(await client.get(f"/project/{project.short_name}/tasks/export?type=task&format=csv"))
    whole, alone = (lines(content)[0] for content in found.values())
    assert sorted(value for name, value in whole.items() if name.startswith("info")) == list("123456789")
    assert sorted(value for name, value in alone.items() if name != "task_id") == list("123456789")
    assert alone["task_id"] == str(task.id)


FORMULAS = ("=1+1", "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", "＝1", "=cmd|'/C calc'!A0", "-5x")


async def test_no_cell_and_no_header_is_a_formula_unless_raw(
    client: Client, database: Database, project: Project
) -> None:
    await add_tasks(database, project, {text: text for text in FORMULAS}, {"n": -5, "t": "-5.25", "u": "a=b"})
    url = f"/project/{project.short_name}/tasks/export?type=task"
    for content in files(await client.get(f"{url}&format=csv")).values():
        for row in csv.reader(io.StringIO(content.decode(), newline="")):
            assert [cell for cell in row if cell[:1] in set("=+-@\t\r＝") and cell not in ("-5", "-5.25")] == []
    raw = files(await client.get(f"{url}&format=csv&raw=1"))[f"{project.short_name}_task_info_only.csv"]
    assert next(iter(lines(raw))) | {text: text for text in FORMULAS} == next(iter(lines(raw)))
    rows = orjson.loads(files(await client.get(f"{url}&format=json"))[f"{project.short_name}_task.json"])
    assert rows[0]["info"] == {text: text for text in FORMULAS}


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
TABLES = st.lists(TEXTS.map(str.strip).filter(bool), min_size=1, max_size=6, unique=True).flatmap(
    lambda names: st.tuples(
        st.just(names), st.lists(st.lists(TEXTS, min_size=len(names), max_size=len(names)), min_size=1, max_size=5)
    )
)


@given(TABLES)
def test_what_came_in_as_csv_goes_out_as_it_was(table: tuple[list[str], list[list[str]]]) -> None:
    """Every cell, byte for byte: through the import's reading and JSON, to the export's columns and writing."""
    names, rows = table
    columns = Columns("task_id", raw=True)
    infos = [json.loads(json.dumps(dict(zip(names, map(typed, row), strict=True)))) for row in rows]
    lines = [line for info in infos for line in lines_of_info(info, "task_id", 7)]
    for values, _info in lines:
        columns.learn(values)
    text = io.BytesIO()
    written = [columns.names, *(columns.line(values, info) for values, info in lines)]
    csv_format.write_lines(written, text.write)
    header, *found = csv.reader(io.StringIO(text.getvalue().decode(), newline=""))
    assert [row[: len(names)] for row in found] == rows and header[-1] == "task_id"


async def test_numbers_keep_their_digits(client: Client, database: Database, project: Project) -> None:
    numbers = json.loads('{"n": 123456789012345678901234, "d": 12345678901234567.25}')
    await add_tasks(database, project, numbers)
    url = f"/project/{project.short_name}/tasks/export?type=task"
    (row,) = lines(files(await client.get(f"{url}&format=csv"))[f"{project.short_name}_task_info_only.csv"])
    assert (row["n"], row["d"]) == ("123456789012345678901234", "12345678901234567.25")
    whole = files(await client.get(f"{url}&format=json"))[f"{project.short_name}_task.json"].decode()
    assert "123456789012345678901234" in whole and "12345678901234567.25" in whole


async def test_file_names_keep_their_letters(client: Client, database: Database, owner: User) -> None:
    async with database.unit() as uow:
        project = await make_project(uow.session, owner, short_name="пчёлы-żółw")
    answer = await client.get(f"/project/{quote(project.short_name)}/tasks/export?type=task&format=json")
    plain = f'filename="{project.id}_pchiol y-zolw_task_json.zip"'.replace("l y", "ly")
    assert plain in answer.headers["Content-Disposition"]
    exact = quote(f"{project.id}_{project.short_name}_task_json.zip", safe="")
    assert f"filename*=UTF-8''{exact}" in answer.headers["Content-Disposition"]
    assert list(files(answer)) == ["pchioly-zolw_task.json"]


async def test_large_rows_are_read_a_few_at_a_time(database: Database, project: Project) -> None:
    tasks = await add_tasks(database, project, *({"text": "x" * 3_000_000, "n": number} for number in range(4)))
    blocks = []

    async def take(block: bytes) -> None:
        blocks.append(block)

    async with database.unit(read_only=True) as uow:
        await exports.copy_rows(uow.session, "task", project.id, take)
    assert [json.loads(line)["id"] for block in blocks for line in block.splitlines()] == [task.id for task in tasks]
    assert len(blocks) == len(tasks)


async def test_all_that_an_export_reads_is_of_one_moment(database: Database, project: Project) -> None:
    await add_tasks(database, project, {"n": 1})
    read = []

    async def take(block: bytes) -> None:
        read.append(block)

    async with database.unit(read_only=True) as uow:
        await exports.begin_snapshot(uow.session)
        await exports.copy_rows(uow.session, "task", project.id, take)
        await add_tasks(database, project, {"n": 2})
        async with database.unit() as other:
            await other.session.execute(update(Task).where(Task.project_id == project.id).values(info={"n": 3}))
        await exports.copy_rows(uow.session, "task", project.id, take)
    assert len(read) == 2 and read[0] == read[1]


async def test_one_answer_does_not_fill_the_memory(client: Client, database: Database, project: Project) -> None:
    await add_tasks(database, project, {"k" * 200_000: [0] * 3000}, {f"k{number}": 0 for number in range(100_000)})
    url = f"/project/{project.short_name}/tasks/export?type=task&format=csv"
    tracemalloc.start()
    content = (await client.get(url)).content
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 64 * 1024 * 1024 and len(content) < 4 * 1024 * 1024


def rest_of(tag: str, start: int) -> dict[str, str]:
    """The headers that ask for what is left."""
    return {"Range": f"bytes={start}-", "If-Range": tag}


async def test_the_rest_of_an_export_is_the_same_bytes(client: Client, database: Database, project: Project) -> None:
    await add_tasks(database, project, {"n": 1})
    url = f"/project/{project.short_name}/tasks/export?type=task&format=csv"
    whole = await client.get(url)
    assert whole.headers["Accept-Ranges"] == "bytes"
    await add_tasks(database, project, {"n": 2})
    rest = await client.get(url, headers=rest_of(whole.headers["ETag"], 50))
    assert (rest.status, rest.content) == (206, whole.content[50:])
    assert rest.headers["Content-Range"] == f"bytes 50-{len(whole.content) - 1}/{len(whole.content)}"
    assert rest.headers["Content-Length"] == str(len(rest.content))
    assert rest.headers["ETag"] == whole.headers["ETag"]
    beyond = await client.get(url, headers=rest_of(whole.headers["ETag"], len(whole.content)))
    assert (beyond.status, beyond.headers["Content-Range"]) == (416, f"bytes */{len(whole.content)}")


async def test_who_asks_for_the_rest_of_what_is_not_there_gets_a_new_export(
    client: Client, database: Database, project: Project
) -> None:
    await add_tasks(database, project, {"n": 1})
    url = f"/project/{project.short_name}/tasks/export?type=task"
    whole = await client.get(f"{url}&format=csv")
    tag = whole.headers["ETag"]
    asked = [
        (client, "json", {"Range": "bytes=50-", "If-Range": tag}),
        (client, "csv&raw=1", {"Range": "bytes=50-", "If-Range": tag}),
        (client, "csv", {"Range": "bytes=50-", "If-Range": '"another"'}),
        (client, "csv", {"Range": "bytes=50-", "If-Range": f"W/{tag}"}),
        (client, "csv", {"Range": "bytes=50-"}),  # it was read to its end
        (client, "csv", {"Range": "bytes=0-"}),
        (client, "csv", {"Range": "bytes=1-2,4-5", "If-Range": tag}),
        (client, "csv", {"Range": "lines=50-", "If-Range": tag}),
    ]
    for who, format_name, headers in asked:
        answer = await who.get(f"{url}&format={format_name}", headers=headers)
        assert answer.headers["ETag"] != tag and files(answer), headers


async def test_nobody_has_the_rest_of_what_they_may_not_have(
    client: Client, as_user: Callable[[User], Client], database: Database, owner: User
) -> None:
    async with database.unit() as uow:
        closed = await make_project(uow.session, owner, zip_download=False)
    url = f"/project/{closed.short_name}/tasks/export?type=task&format=json"
    whole = await as_user(owner).get(url)
    assert (await client.get(url, headers=rest_of(whole.headers["ETag"], 50))).status == 401
    assert (await as_user(owner).get(url, headers=rest_of(whole.headers["ETag"], 50))).status == 206


async def test_asking_for_the_head_makes_no_export(client: Client, project: Project, settings: Settings) -> None:
    url = f"/project/{project.short_name}/tasks/export?type=task&format=csv"
    answer = await client.raw("HEAD", url, b"", {})
    assert answer.status == 200 and "attachment" in answer.headers["Content-Disposition"]
    assert list((settings.data_dir / FOLDER).glob("*.zip")) == []
    await client.get(url)
    assert len(list((settings.data_dir / FOLDER).glob("*.zip"))) == 1


async def test_an_export_that_fails_does_not_end_as_if_it_were_all(
    client: Client, project: Project, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "SPARE_BYTES", 2**62)
    with pytest.raises(ExportFailed):
        await client.get(f"/project/{project.short_name}/tasks/export?type=task&format=csv")
    assert {path.suffix for path in (settings.data_dir / FOLDER).iterdir()} == {".lock"}


async def test_what_is_kept_no_longer_goes_when_the_site_starts(services: TestServices, settings: Settings) -> None:
    old = settings.data_dir / FOLDER / "1.task.csv.safe.sent.0.zip"
    old.parent.mkdir()
    old.touch()
    os.utime(old, (0, 0))
    async with create_app(settings).test_app():
        assert await asyncio.to_thread(until, lambda: not old.exists())
