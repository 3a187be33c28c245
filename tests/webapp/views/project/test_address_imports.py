"""Tasks from an address: somebody else's server, good or bad (docs/contract/jobs.md 5; docs/contract/gaps.md 3.16)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest
from quart import Quart
from sqlalchemy import func, select

from db.models import Project, Task, TaskImport, User
from db.session import Database
from tests.factories import make_project, make_user
from tests.support.client import Answer, Client
from tests.support.listening import listening
from webapp.config import Settings
from webapp.http.app_services import EXTENSION
from webapp.jobs.work import Work
from webapp.services.importing import task_imports
from webapp.services.importing.sources import reopen

SMALL = b"q\na\nb\n"
LARGE = b"q\n" + b"".join(b"row %d %s\n" % (number, b"x" * 100) for number in range(25_000))


class Elsewhere:
    """A server of somebody else, with one answer to everything."""

    def __init__(self) -> None:
        self.status = "200 OK"
        self.content_type = "text/csv; charset=utf-8"
        self.body = SMALL
        self.location = ""
        self.paths: list[str] = []
        self.port = 0

    def url(self, path: str = "/tasks.csv") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.paths.append(head.split(" ")[1])
        lines = [f"HTTP/1.1 {self.status}", f"Content-Type: {self.content_type}", f"Content-Length: {len(self.body)}"]
        lines += [f"Location: {self.location}"] * bool(self.location) + ["Connection: close", "", ""]
        try:
            writer.write("\r\n".join(lines).encode() + self.body)
            await writer.drain()
            writer.close()
        except ConnectionError:
            return


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    server = Elsewhere()
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
def take(as_user: Callable[[User], Client], owner: User, project: Project) -> "Take":
    return Take(as_user(owner), f"/project/{project.short_name}/tasks/import")


class Take:
    """Posts the form of a source."""

    def __init__(self, client: Client, path: str) -> None:
        self._client = client
        self._path = path

    async def csv(self, url: str, **more: str) -> Answer:
        form = {"form_name": "csv", "csv_url": url} | more
        return await self._client.post(f"{self._path}?type=csv", form, json=True)

    async def form(self, kind: str, template: str) -> Any:
        return (await self._client.get(f"{self._path}?type={kind}&template={template}", json=True)).json

    async def page(self) -> str:
        return (await self._client.get(self._path)).text

    async def post(self, kind: str, fields: dict[str, str]) -> Answer:
        return await self._client.post(f"{self._path}?type={kind}", {"form_name": kind} | fields, json=True)

    async def sheet(self, url: str) -> Answer:
        form = {"form_name": "gdocs", "googledocs_url": url}
        return await self._client.post(f"{self._path}?type=gdocs", form, json=True)


def opener(work: Work) -> task_imports.OpenSource:
    """How the worker opens the file of an import."""
    return lambda row: reopen(work.import_access, work.storage, row.options)


async def n_tasks(database: Database) -> int:
    async with database.unit(read_only=True) as uow:
        return (await uow.session.execute(select(func.count(Task.id)))).scalar_one()


async def test_a_small_file_is_imported_at_once(take: Take, elsewhere: Elsewhere, database: Database) -> None:
    answer = await take.csv(elsewhere.url())
    assert answer.json["flash"] == "2 new tasks were imported successfully"
    assert await n_tasks(database) == 2


async def test_a_spreadsheet_is_asked_for_its_export(take: Take, elsewhere: Elsewhere, database: Database) -> None:
    await take.sheet(elsewhere.url("/spreadsheets/d/K/edit#gid=0"))
    assert elsewhere.paths == ["/spreadsheets/d/K/export?format=csv&gid=0"]
    assert await n_tasks(database) == 2


async def test_a_large_file_is_fetched_by_the_worker(
    take: Take, elsewhere: Elsewhere, database: Database, settings: Settings
) -> None:
    elsewhere.body = LARGE
    answer = await take.csv(elsewhere.url())
    assert await n_tasks(database) == 0
    work = Work.of(settings)
    done = await task_imports.run(database, answer.json["import"], opener(work))
    await work.close()
    assert done is not None and (done.state, done.n_added) == ("done", 25_000)


@pytest.mark.parametrize(
    ("status", "content_type", "reason"),
    [
        ("403 Forbidden", "text/csv", "permission"),
        ("404 Not Found", "text/csv", "answers with 404"),
        ("500 Oh", "text/csv", "answers with 500"),
        ("200 OK", "text/html", "right file"),
        ("200 OK", "image/png", "right file"),
    ],
)
async def test_what_is_no_csv_says_why(
    take: Take, elsewhere: Elsewhere, database: Database, status: str, content_type: str, reason: str
) -> None:
    elsewhere.status, elsewhere.content_type = status, content_type
    answer = await take.csv(elsewhere.url())
    assert reason in answer.json["form"]["errors"]["csv_url"][0]
    assert await n_tasks(database) == 0


async def test_a_file_that_lies_about_its_type_is_refused(take: Take, elsewhere: Elsewhere) -> None:
    elsewhere.body = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
    answer = await take.csv(elsewhere.url())
    assert "a picture" in answer.json["form"]["errors"]["csv_url"][0]


async def test_redirects_do_not_lead_inside(take: Take, elsewhere: Elsewhere) -> None:
    elsewhere.status, elsewhere.location = "302 Found", "http://169.254.169.254/latest/"
    answer = await take.csv(elsewhere.url())
    assert "public internet" in answer.json["form"]["errors"]["csv_url"][0]


async def test_nobody_there_is_said(take: Take) -> None:
    answer = await take.csv("http://127.0.0.1:9/tasks.csv")
    assert "did not answer" in answer.json["form"]["errors"]["csv_url"][0]


async def test_a_server_that_is_away_is_asked_again_by_the_job(
    take: Take, elsewhere: Elsewhere, database: Database, settings: Settings
) -> None:
    elsewhere.body = LARGE
    import_id = (await take.csv(elsewhere.url())).json["import"]
    elsewhere.status = "503 Away"
    work = Work.of(settings)
    with pytest.raises(Exception, match="503"):
        await task_imports.run(database, import_id, opener(work))
    elsewhere.status = "200 OK"
    done = await task_imports.run(database, import_id, opener(work))
    await work.close()
    assert done is not None and done.n_added == 25_000


async def test_two_workers_with_the_same_import_do_it_once(
    take: Take, elsewhere: Elsewhere, database: Database, settings: Settings
) -> None:
    elsewhere.body = LARGE
    import_id = (await take.csv(elsewhere.url())).json["import"]
    work = Work.of(settings)
    runs = (task_imports.run(database, import_id, opener(work)) for _worker in range(2))
    ended = await asyncio.gather(*runs)
    await work.close()
    assert sorted(one is None for one in ended) == [False, True]
    async with database.unit(read_only=True) as uow:
        row = await uow.session.get_one(TaskImport, import_id)
    assert (row.state, row.n_added, row.n_present) == ("done", 25_000, 0)
    assert await n_tasks(database) == 25_000


async def test_a_form_sent_twice_at_once_makes_each_task_once(
    take: Take, elsewhere: Elsewhere, database: Database
) -> None:
    elsewhere.body = b"q\n" + b"".join(b"row %d\n" % number for number in range(150))
    await asyncio.gather(*(take.csv(elsewhere.url()) for _click in range(4)))
    assert await n_tasks(database) == 150


@pytest.mark.parametrize("name", ["image", "sound", "video", "map", "pdf"])
@pytest.mark.parametrize(("kind", "field"), [("gdocs", "googledocs_url"), ("csv", "csv_url")])
async def test_a_table_to_start_from_fills_the_form_and_is_imported_as_it_is(
    take: Take, database: Database, name: str, kind: str, field: str
) -> None:
    form = (await take.form(kind, name))["form"]
    assert form[field].endswith(f"/static/tasks/{name}.csv")
    answer = await take.post(kind, {field: form[field]})
    assert answer.json["status"] == "message" and await n_tasks(database) > 0


async def test_an_unknown_table_fills_nothing(take: Take) -> None:
    assert (await take.form("gdocs", "../config"))["form"]["googledocs_url"] in (None, "")


async def test_the_site_s_own_sheets_come_first(
    take: Take, elsewhere: Elsewhere, app: Quart, database: Database
) -> None:
    sheet = elsewhere.url("/spreadsheets/d/K/edit?usp=sharing")
    services = app.extensions[EXTENSION]
    changed = services.settings.model_copy(update={"template_tasks": (f"image={sheet}",)})
    app.extensions[EXTENSION] = replace(services, settings=changed)
    assert (await take.form("gdocs", "image"))["form"]["googledocs_url"] == sheet
    assert (await take.form("gdocs", "map"))["form"]["googledocs_url"].endswith("/static/tasks/map.csv")


async def test_tables_to_start_from_are_offered_to_people(take: Take) -> None:
    text = await take.page()
    for name in ("image", "sound", "video", "map", "pdf"):
        assert f"?type=gdocs&amp;template={name}" in text
