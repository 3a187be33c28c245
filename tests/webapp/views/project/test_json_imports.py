"""Tasks from JSON files, sent and at an address (docs/contract/jobs.md 5)."""

import json
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from ipaddress import ip_network
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from db.models import Project, Task, TaskImport, User
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.client import Client
from tests.support.listening import listening
from tests.support.others import Service
from webapp.config import Settings
from webapp.jobs.work import Work
from webapp.services.importing import task_imports
from webapp.services.importing.sources import reopen


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    server = Service()
    async with listening(server.answer) as server.port:
        yield server


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"outbound_allow": (ip_network("127.0.0.1/32"),)})


@pytest.fixture
async def owner(database: Database) -> User:
    async with database.unit() as uow:
        return await make_user(uow.session)


@pytest.fixture
async def project(database: Database, owner: User) -> Project:
    async with database.unit() as uow:
        return await make_project(uow.session, owner)


@pytest.fixture
def hers(as_user: Callable[[User], Client], owner: User) -> Client:
    return as_user(owner)


def address(project: Project, kind: str) -> str:
    return f"/project/{project.short_name}/tasks/import?type={kind}&response_format=json"


async def sent(client: Client, project: Project, content: bytes, name: str = "tasks.json", **more: str) -> Any:
    form = {"form_name": "localJSON"} | more
    file = FileStorage(BytesIO(content), filename=name)
    return (await client.post(address(project, "localJSON"), form, files={"file": file})).json


async def fetched(client: Client, project: Project, url: str) -> Any:
    form = {"form_name": "json", "json_url": url}
    return (await client.post(address(project, "json"), form, json=True)).json


async def infos(database: Database) -> list[Any]:
    async with database.unit(read_only=True) as uow:
        return list((await uow.session.scalars(select(Task.info).order_by(Task.id))).all())


async def test_a_list_that_is_sent_is_imported_and_told_row_by_row(
    hers: Client, project: Project, database: Database
) -> None:
    told = await sent(hers, project, b'[{"n": 1}, {"n": 1}, 7, {"n": {"deep": [1.50]}}]')
    assert told["report"]["n_added"] == 2 and told["report"]["n_present"] == 1
    assert told["report"]["refusals"] == [{"line": 3, "reason": "it is no object"}]
    assert await infos(database) == [{"n": 1}, {"n": {"deep": [1.5]}}]


async def test_a_preview_is_kept_for_the_import(hers: Client, project: Project, database: Database) -> None:
    shown = await sent(hers, project, b'{"q": "?"}\n{"q": "!"}\n', "tasks.ndjson", btn="preview")
    assert shown["template"] == "/projects/importers/localJSON.html" and await infos(database) == []
    form = {"form_name": "localJSON", "kept": shown["form"]["kept"]}
    await hers.post(address(project, "localJSON"), form)
    assert await infos(database) == [{"q": "?"}, {"q": "!"}]


@pytest.mark.parametrize(("name", "content"), [("tasks.csv", b"[]"), ("tasks.json", b"q\na\n"), ("tasks.json", b"")])
async def test_what_is_no_json_is_told_at_the_file(
    hers: Client, project: Project, database: Database, name: str, content: bytes
) -> None:
    told = await sent(hers, project, content, name)
    assert list(told["form"]["errors"]) == ["file"] and await infos(database) == []


async def test_json_at_an_address_is_imported(
    hers: Client, project: Project, service: Service, database: Database
) -> None:
    service.put("/tasks.json", [{"n": n} for n in range(3)])
    told = await fetched(hers, project, f"{service.url}/tasks.json")
    assert told["report"]["n_added"] == 3 and await infos(database) == [{"n": 0}, {"n": 1}, {"n": 2}]
    assert (await fetched(hers, project, f"{service.url}/none.json"))["form"]["errors"]["json_url"]


async def test_more_than_a_request_has_time_for_is_fetched_by_the_worker(
    hers: Client, project: Project, service: Service, database: Database, settings: Settings
) -> None:
    rows = [{"n": n, "text": "x" * 1000} for n in range(3000)]
    service.put("/tasks.json", json.dumps(rows).encode())
    told = await fetched(hers, project, f"{service.url}/tasks.json")
    assert await infos(database) == []
    work = Work.of(settings)

    async def source(row: TaskImport) -> Any:
        return await reopen(work.import_access, work.storage, row.options)

    done = await task_imports.run(database, told["import"], source)
    await work.close()
    assert done is not None and (done.state, done.n_added, done.error) == ("done", 3000, None)
