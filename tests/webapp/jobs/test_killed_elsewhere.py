"""A worker that is killed while it waits for somebody else's server: the next one does the import, or the export, once
(docs/contract/jobs.md 5 and 7)."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import func, select, text

from db.models import CkanExport, Project, Task, TaskImport
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.ckan import KEY, CkanSite
from tests.support.listening import listening
from webapp.actor import Actor
from webapp.config import Settings, environment
from webapp.integrations.outbound import Outbound
from webapp.integrations.queue import Queue
from webapp.services.exporting import ckan
from webapp.services.importing import records, task_imports
from webapp.services.importing.records.access import Access

PATIENCE_S = 60
N = 30


class Slow:
    """A server with every service's list of `N` things in pages; the last page takes its time while `is_slow`."""

    def __init__(self) -> None:
        self.port = 0
        self.is_slow = True
        self.n_waiting = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).decode().split(" ")[1]
        content, is_last = self._page(path)
        if is_last and self.is_slow:
            self.n_waiting += 1
            await asyncio.sleep(PATIENCE_S)
        kind = "text/csv" if path.endswith(".csv") else "application/json"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode() + content)
        await writer.drain()

    def _page(self, path: str) -> tuple[bytes, bool]:
        """What is there, and whether it is the last of the list. Halves are `0` to `N/2` and from there to `N`."""
        first, second = range(N // 2), range(N // 2, N)
        if "/entries/" in path:
            is_last = "page=2" in path
            entries = [{"n": n} for n in (second if is_last else first)]
            return orjson.dumps({"data": {"entries": entries}, "links": {"next": None if is_last else "x"}}), is_last
        if "list-type" in path:
            is_last = "continuation-token" in path
            keys = "".join(f"<Contents><Key>{n}.png</Key></Contents>" for n in (second if is_last else first))
            token = "" if is_last else "<NextContinuationToken>T</NextContinuationToken>"
            return f"<ListBucketResult>{keys}{token}</ListBucketResult>".encode(), is_last
        if "/flickr" in path:
            is_last = "page=2" in path
            photos = [{"id": str(n), "secret": "s", "server": "1"} for n in (second if is_last else first)]
            return orjson.dumps({"stat": "ok", "photoset": {"photo": photos, "pages": 2, "owner": "o"}}), is_last
        if "/youtube" in path:
            is_last = "pageToken" in path
            films = [{"snippet": {"resourceId": {"videoId": f"film{n}"}}} for n in (second if is_last else first)]
            return orjson.dumps({"items": films} | ({} if is_last else {"nextPageToken": "T"})), is_last
        if "/search/recent" in path:
            is_last = "next_token" in path
            posts = [{"id": str(n), "text": "x", "author_id": "1"} for n in (second if is_last else first)]
            return orjson.dumps({"data": posts, "meta": {} if is_last else {"next_token": "T"}}), is_last
        if path.endswith("/book.json"):
            canvases = [
                {"@id": str(n), "images": [{"resource": {"service": {"@id": f"https://i.example/{n}"}}}]}
                for n in range(N)
            ]
            return orjson.dumps({"sequences": [{"canvases": canvases}]}), True
        if path.endswith(".json"):
            return orjson.dumps([{"n": n} for n in range(N)]), True
        return b"n\n" + b"".join(b"%d\n" % n for n in range(N)), True


@pytest.fixture
async def slow() -> AsyncIterator[Slow]:
    server = Slow()
    async with listening(server.answer) as server.port:
        yield server


@pytest.fixture
async def site() -> AsyncIterator[CkanSite]:
    made = CkanSite()
    async with listening(made.answer) as made.port:
        yield made


@pytest.fixture
def settings(settings: Settings, site: CkanSite) -> Settings:
    given = {"ckan_url": site.url, "youtube_api_key": "k", "flickr_api_key": "k"}
    return settings.model_copy(update=given | {"outbound_allow": (ip_network("127.0.0.1/32"),)})


Start = Callable[[], subprocess.Popen[bytes]]
REPLACED = """
import sys
from webapp import cli
from webapp.services.importing.records import epicollect, flickr, twitter, youtube
url = sys.argv.pop()
epicollect.FIVE, flickr.API, youtube.API, twitter.API = url, url + "/flickr", url + "/youtube", url
sys.argv[1:] = ["worker"]
sys.exit(cli.main())
"""
"""A worker for which these services are elsewhere."""


@pytest.fixture
def start(settings: Settings, slow: Slow, tmp_path: Path) -> Iterator[Start]:
    """`start()`: a worker process; those that still run in the end are killed."""
    begun: list[subprocess.Popen[bytes]] = []
    variables = os.environ | environment(settings)

    def begin() -> subprocess.Popen[bytes]:
        with (tmp_path / "worker.log").open("ab") as log:
            command = [sys.executable, "-c", REPLACED, slow.url]
            begun.append(subprocess.Popen(command, env=variables, stdout=log, stderr=log))
        return begun[-1]

    yield begin
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture
async def project(database: Database) -> Project:
    async with database.unit() as uow:
        owner = await make_user(uow.session)
        await uow.session.execute(text("UPDATE users SET ckan_api = :key WHERE id = :id"), {"key": KEY, "id": owner.id})
        return await make_project(uow.session, owner)


async def until(true: Callable[[], Any]) -> None:
    for _tick in range(PATIENCE_S * 50):
        if true():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not so after {PATIENCE_S} s")


async def kill(database: Database, worker: subprocess.Popen[bytes]) -> None:
    """As if the time had passed after which its silence tells that it has gone."""
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    async with database.unit() as uow:
        statement = "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '10 minutes'"
        await uow.session.execute(text(statement))


def options_of(kind: str, slow: Slow, access: Access, project: Project) -> dict[str, Any]:
    if kind in ("csv", "gdocs", "json"):
        return {"address": f"{slow.url}/tasks.{'json' if kind == 'json' else 'csv'}", "kind": kind}
    values: dict[str, Any] = {
        "epicollect": {"epicollect_project": "bees"},
        "iiif": {"manifest_uri": f"{slow.url}/book.json"},
        "s3": {"bucket": "bees", "endpoint": slow.url, "key_id": "id", "secret_key": "secret"},
        "flickr": {"album_id": "7"},
        "youtube": {"playlist_url": "https://youtu.be/?list=PLbees"},
        "twitter": {"source": "bees", "user_credentials": "token"},
    }[kind]
    return {"records": kind, "values": records.sealed(access, kind, values, project.id)}


@pytest.mark.parametrize(
    "kind",
    [
        *("csv", "s3", "twitter"),
        *(
            pytest.param(kind, marks=pytest.mark.slow)
            for kind in ("gdocs", "json", "epicollect", "iiif", "flickr", "youtube")
        ),
    ],
)
async def test_an_import_is_done_once_by_the_next_worker(
    kind: str, database: Database, settings: Settings, slow: Slow, start: Start, project: Project
) -> None:
    outbound = Outbound()
    access = Access.of(outbound, settings)
    async with database.unit() as uow:
        actor, options = Actor(user_id=project.owner_id), options_of(kind, slow, access, project)
        row = await task_imports.import_later(uow.session, Queue(), actor, project, source=kind, options=options)
    first = start()
    await until(lambda: slow.n_waiting == 1)
    await kill(database, first)
    slow.is_slow = False
    start()
    ended = await ended_of(database, TaskImport, row.id)
    assert (ended.state, ended.n_added, ended.n_present, ended.error) == ("done", N, 0, None)
    async with database.unit(read_only=True) as uow:
        counted = select(func.count(Task.id), func.count(func.distinct(Task.info_hash)))
        assert tuple((await uow.session.execute(counted)).one()) == (N, N)
    await outbound.close()


async def ended_of(database: Database, model: Any, identity: int) -> Any:
    for _tick in range(PATIENCE_S * 20):
        async with database.unit(read_only=True) as uow:
            row = await uow.session.get_one(model, identity)
        if row.state in task_imports.ENDED:
            return row
        await asyncio.sleep(0.05)
    raise AssertionError(f"after {PATIENCE_S} s it is {row.state}")


async def test_an_export_to_ckan_is_done_once_by_the_next_worker(
    database: Database, settings: Settings, site: CkanSite, start: Start, project: Project
) -> None:
    async with database.unit() as uow:
        await make_tasks(uow.session, project, 1000)
        row = await ckan.start(uow.session, Queue(), settings, Actor(user_id=project.owner_id), project, "task")
    site.pause_s = 0.5
    first = start()
    await until(lambda: len(site.chunks) >= 2)
    await kill(database, first)
    assert 0 < len(site.rows_of("task")) < 1000, "killed in the middle of it"
    site.pause_s = 0
    start()
    ended = await ended_of(database, CkanExport, row.id)
    assert (ended.state, ended.n_total, ended.n_sent, ended.error) == ("done", 1000, 1000, None)
    assert len(site.rows_of("task")) == 1000 and len(site.packages) == len(site.resources) == 1
