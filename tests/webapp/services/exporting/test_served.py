"""Exports of a real server: begun at once, taken up again, so many at a time, and whoever leaves frees a place."""

import io
import socket
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from benchmarks.support.processes import site_of
from tests.support.processes import until
from tests.support.server import RunningServer, running_server
from tests.support.site import Site
from webapp.services.exporting import WORTH_RESUMING

N_TASKS = 40
BYTES_OF_TASK = 100_000
"""Of random digits: they shrink to half."""
PLACES, OF_CALLER = 3, 2


@dataclass
class Exporting:
    """A server with a project whose export is larger than what is worth resuming."""

    server: RunningServer
    database: psycopg.Connection
    path: str

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """Exports get no further than their first bytes."""
        with self.database.transaction():
            self.database.execute("LOCK TABLE task")
            yield

    def begin(self, address: str = "203.0.113.1") -> "Reader":
        return Reader(self.server.url, self.path, {"X-Forwarded-For": address})

    def log(self) -> str:
        return self.server.log.read_text()


class Reader:
    """Somebody who has asked for an export, and has read the head of its answer."""

    def __init__(self, url: str, path: str, headers: dict[str, str]) -> None:
        host, port = url.removeprefix("http://").split(":")
        self.line = socket.create_connection((host, int(port)), timeout=60)
        asked = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.line.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n{asked}\r\n".encode())
        self._file = self.line.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        lines = iter(self._file.readline, b"\r\n")
        self.headers = {
            name.lower(): value.strip() for name, _, value in (line.decode().partition(":") for line in lines)
        }

    def chunk(self) -> bytes:
        """The next piece of the body; none at its end."""
        size = int(self._file.readline(), 16)
        data = self._file.read(size)
        self._file.readline()
        return data

    def leave(self) -> None:
        self._file.close()
        self.line.close()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()


@pytest.fixture(scope="module")
def exporting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exporting]:
    variables = {"WORKERS": "2", "TRUSTED_PROXIES": "1", "LOG_REQUESTS": "true"}
    variables |= {"CONCURRENT_EXPORTS": str(PLACES), "CONCURRENT_EXPORTS_PER_CALLER": str(OF_CALLER)}
    with running_server(tmp_path_factory.mktemp("exports"), variables=variables) as server:
        site = Site(server.url)
        name = site.project("<p>Look.</p>").short_name
        site.close()
        with psycopg.connect(server.database_url, autocommit=True) as database:
            database.execute(
                """INSERT INTO task (project_id, info) SELECT p.id, jsonb_build_object('digits', (
                     SELECT string_agg((random() * 1e8)::bigint::text, '') FROM generate_series(1, %s / 8 + n * 0)))
                   FROM project p, generate_series(1, %s) n WHERE p.short_name = %s""",
                (BYTES_OF_TASK, N_TASKS, name),
            )
            yield Exporting(server, database, f"/project/{name}/tasks/export?type=task&format=csv")


def test_the_first_bytes_come_before_any_row_is_read(exporting: Exporting) -> None:
    with exporting.held_up(), exporting.begin() as reader:
        assert reader.status == 200 and reader.chunk().startswith(b"PK")


def test_whoever_has_many_under_way_waits_and_so_do_all_when_there_are_many(exporting: Exporting) -> None:
    with exporting.held_up(), ExitStack() as readers:
        for _ in range(OF_CALLER):
            assert readers.enter_context(exporting.begin()).status == 200
        with exporting.begin() as one_more:
            assert (one_more.status, one_more.headers["content-type"]) == (429, "application/json")
            assert int(one_more.headers["retry-after"]) > 0
        assert readers.enter_context(exporting.begin("203.0.113.2")).status == 200
        with exporting.begin("203.0.113.3") as one_more:
            assert one_more.status == 503 and int(one_more.headers["retry-after"]) > 0


def frees_a_place(exporting: Exporting) -> bool:
    """Whether somebody who has had as many as one may gets one more."""

    def has_place() -> bool:
        with exporting.begin() as reader:
            return reader.status == 200

    return until(has_place, seconds=30)


def test_whoever_leaves_frees_their_place_and_no_trace_of_it_is_in_the_log(exporting: Exporting) -> None:
    with exporting.held_up():
        readers = [exporting.begin() for _ in range(OF_CALLER)]
        for reader in readers:
            reader.chunk()
            reader.leave()
        assert frees_a_place(exporting)
    assert "Traceback" not in exporting.log() and "Exception" not in exporting.log()


def test_a_worker_that_dies_frees_its_places(exporting: Exporting) -> None:
    site = site_of(exporting.server.url, exporting.server.process.pid)
    with exporting.held_up(), ExitStack() as readers:
        for _ in range(OF_CALLER):
            readers.enter_context(exporting.begin())
        killed = site.workers()
        for worker in killed:
            worker.kill()
        assert until(lambda: len(set(site.workers()) - set(killed)) == len(killed))
        assert until(lambda: answers(exporting.server.url))
        assert frees_a_place(exporting)


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").is_success
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("names_it", [True, False])
def test_a_reader_whose_line_broke_takes_it_up(exporting: Exporting, names_it: bool) -> None:
    """As browsers do, which name it, and as curl does: it is the only one that was not read to its end."""
    address = f"203.0.113.{10 + names_it}"
    for _ in range(2):
        with exporting.begin(address) as reader:
            read = reader.chunk()
            while len(read) < 1.2 * WORTH_RESUMING:
                read += reader.chunk()
            tag = reader.headers["etag"]
        asked = {"X-Forwarded-For": address, "Range": f"bytes={len(read)}-"}
        asked |= {"If-Range": tag} if names_it else {}
        rest = httpx.get(exporting.server.url + exporting.path, headers=asked, timeout=60)
        assert rest.status_code == 206 and rest.headers["ETag"] == tag
        whole = read + rest.content
        assert rest.headers["Content-Range"] == f"bytes {len(read)}-{len(whole) - 1}/{len(whole)}"
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            assert archive.testzip() is None and len(archive.namelist()) == 2


def test_of_what_somebody_left_at_once_nothing_is_kept(exporting: Exporting) -> None:
    folder = Path(exporting.server.settings.data_dir, "exports")
    with exporting.held_up():
        with exporting.begin("203.0.113.77") as reader:
            reader.chunk()
            tag = reader.headers["etag"].strip('"')
            assert len(list(folder.glob(f"*{tag}*"))) == 1
        assert until(lambda: list(folder.glob(f"*{tag}*")) == [])
