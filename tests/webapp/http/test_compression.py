"""Compression of what is made for a request: who gets what, what is left alone, and what the headers say of it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from quart import Response

from db.models import Project
from db.session import Database
from tests.factories import make_project, make_tasks, make_user
from tests.support.client import Answer, Client
from tests.support.compression import decompressed
from webapp.counters import Counters
from webapp.http.application import Application
from webapp.http.compression import CODINGS, LARGE, SMALLEST, preferred
from webapp.http.fastpath.connection import Connection
from webapp.http.observe import Observer

CHROMIUM = "gzip, deflate, br, zstd"
OFFERED = tuple(CODINGS)


@pytest.fixture
async def project(database: Database) -> Project:
    async with database.unit() as uow:
        owner = await make_user(uow.session)
        made, _other = [await make_project(uow.session, owner, description="Moons, " * 20) for _ in range(2)]
        await make_tasks(uow.session, made, 40, info={"question": "Is there a moon?"})
        return made


async def asked(client: Client, path: str, accepted: str | None = CHROMIUM, **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.get(path, headers=sent | ({} if accepted is None else {"Accept-Encoding": accepted}))


def plain(answer: Answer) -> bytes:
    return decompressed(answer.headers.get("Content-Encoding"), answer.content)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate, br", "br"),
        ("gzip, deflate", "gzip"),
        ("GZIP", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("zstd;q=0, gzip;q=0.1", "gzip"),
        ("*", "zstd"),
        ("zstd;q=0, *", "br"),
        ("gzip;q=0.5, identity", None),
        ("gzip;q=0", None),
        ("*;q=0", None),
        ("deflate, compress", None),
        ("identity", None),
        ("gzip;q=much", None),
        ("", None),
        (";,;q==\x00", None),
    ],
)
def test_the_coding_that_the_caller_likes_best(accepted: str, coding: str | None) -> None:
    assert preferred(accepted, OFFERED) == coding


def test_where_nothing_is_on_offer_nothing_is_chosen() -> None:
    assert preferred("*", ()) is None


@pytest.mark.parametrize("coding", [*CODINGS, None])
@pytest.mark.parametrize("path", ["/", "/project/{}/", "/api/task?limit=40", "/project/?response_format=json"])
async def test_pages_and_json_are_what_they_are_without(
    client: Client, project: Project, path: str, coding: str | None
) -> None:
    path = path.format(project.short_name)
    answer = await asked(client, path, coding)
    assert answer.status == 200
    assert answer.headers.get("Content-Encoding") == coding
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert answer.headers["Content-Length"] == str(len(answer.content))
    whole = await asked(client, path, None)
    # Pages differ by a nonce and a token; their length does not.
    assert len(plain(answer)) == len(whole.content)
    assert coding is None or len(answer.content) < len(whole.content) / 2


async def test_a_part_of_a_page_is_compressed_too(client: Client) -> None:
    answer = await asked(client, "/about", HX_Request="true", HX_Target="main")
    assert answer.headers["Content-Encoding"] == "zstd" and b"<html" not in plain(answer)


async def test_draws_and_whatever_else_fits_into_a_packet_is_left_as_it_is(client: Client, project: Project) -> None:
    answer = await asked(client, f"/api/project/{project.id}/newtask")
    assert 0 < len(answer.content) < SMALLEST
    assert "Content-Encoding" not in answer.headers


async def test_head_says_what_get_would(app: Any, client: Client, project: Project) -> None:
    told = await Client(app).raw("HEAD", "/api/task?limit=40", b"", {"Accept-Encoding": "gzip"})
    answer = await asked(client, "/api/task?limit=40", "gzip")
    for name in ("Content-Encoding", "Content-Length", "Vary", "ETag"):
        assert told.headers[name] == answer.headers[name]


async def test_a_compressed_answer_has_a_weak_tag_by_which_it_is_known_again(client: Client, project: Project) -> None:
    whole = await asked(client, "/api/task?limit=40", None)
    answer = await asked(client, "/api/task?limit=40")
    assert answer.headers["ETag"] == f"W/{whole.headers['ETag']}"
    for tag in (whole.headers["ETag"], answer.headers["ETag"]):
        for known, accepted in ((whole, None), (answer, CHROMIUM)):
            again = await asked(client, "/api/task?limit=40", accepted, If_None_Match=tag)
            assert (again.status, again.content) == (304, b"")
            assert again.headers["ETag"] == known.headers["ETag"]
            assert again.headers["Vary"] == known.headers["Vary"]
            assert "Content-Encoding" not in again.headers


async def test_the_tag_of_a_compressed_read_lets_its_reader_write(database: Database, app: Any) -> None:
    async with database.unit() as uow:
        owner = await make_user(uow.session)
        made = await make_project(uow.session, owner, long_description="Words. " * 300)
    script, path = Client(app, key=owner.api_key), f"/api/project/{made.id}"
    tag = (await asked(script, path)).headers["ETag"]
    assert tag.startswith("W/")
    for expected in (200, 412):
        answer = await script.api("PUT", path, {"description": "Other words"}, headers={"If-Match": tag})
        assert answer.status == expected


async def test_a_page_of_another_site_learns_nothing_from_sizes(client: Client, project: Project) -> None:
    """Who has secrets in a page is known by their cookies."""
    path = f"/project/{project.short_name}/"
    assert (await asked(client, path, Sec_Fetch_Site="cross-site")).headers["Content-Encoding"] == "zstd"
    assert client.cookies, "from now on there is a session"
    for site, coding in (("cross-site", None), ("same-site", None), ("same-origin", "zstd"), ("none", "zstd")):
        answer = await asked(client, path, Sec_Fetch_Site=site)
        assert answer.headers.get("Content-Encoding") == coding
        assert "Accept-Encoding" in answer.headers["Vary"]


async def test_a_download_that_is_a_zip_is_not_compressed_again(client: Client, project: Project) -> None:
    answer = await asked(client, f"/project/{project.short_name}/tasks/export?type=task&format=json")
    assert answer.status == 200 and answer.content.startswith(b"PK")
    assert "Content-Encoding" not in answer.headers


def small_app() -> Application:
    """An app with answers that the site has no simple address for."""
    app = Application(__name__)
    app.asgi_http_class = Connection
    app.observer = Observer(Counters(), trusts_proxy=False)
    app.extensions["read"] = asyncio.Event()

    @app.get("/<kind>/<int:n_bytes>")
    async def sized(kind: str, n_bytes: int) -> Response:
        return Response(b"x" * n_bytes, content_type=kind.replace("_", "/"))

    @app.get("/encoded")
    async def encoded() -> Response:
        return Response(b"x" * 5000, content_type="text/plain", headers={"Content-Encoding": "deflate"})

    @app.get("/part")
    async def part() -> Response:
        return Response(b"x" * 5000, 206, content_type="text/plain", headers={"Content-Range": "bytes 0-4999/9000"})

    @app.get("/stream")
    async def stream() -> Response:
        async def events() -> AsyncIterator[bytes]:
            yield b"data: 1\n\n" * 500
            await app.extensions["read"].wait()
            yield b"data: 2\n\n"

        return Response(events(), content_type="text/event-stream")

    return app


@pytest.mark.parametrize(
    ("kind", "n_bytes", "coding"),
    [
        ("text_plain", SMALLEST - 1, None),
        ("text_plain", SMALLEST, "zstd"),
        ("text_plain; charset=utf-8", SMALLEST, "zstd"),
        ("application_json", LARGE * 3, "zstd"),
        ("image_svg+xml", SMALLEST, "zstd"),
        ("image_webp", 5000, None),
        ("application_zip", 5000, None),
        ("application_octet-stream", 5000, None),
        ("font_woff2", 5000, None),
    ],
)
async def test_what_is_worth_it_is_compressed(kind: str, n_bytes: int, coding: str | None) -> None:
    answer = await asked(Client(small_app()), f"/{kind}/{n_bytes}")
    assert answer.headers.get("Content-Encoding") == coding
    assert plain(answer) == b"x" * n_bytes
    assert ("Vary" in answer.headers) == (coding is not None)


async def test_a_part_of_something_stays_that_part() -> None:
    answer = await asked(Client(small_app()), "/part")
    assert "Content-Encoding" not in answer.headers and answer.content == b"x" * 5000


async def test_what_is_encoded_stays_so() -> None:
    answer = await asked(Client(small_app()), "/encoded")
    assert answer.headers["Content-Encoding"] == "deflate" and answer.content == b"x" * 5000


async def test_a_stream_is_sent_as_it_is_made() -> None:
    """The first event arrives before there is a second."""
    app, messages = small_app(), []
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/stream",
        "query_string": b"",
        "headers": [(b"accept-encoding", CHROMIUM.encode())],
        "client": ("10.1.2.3", 4000),
    }

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        messages.append(message)
        if message.get("body"):
            app.extensions["read"].set()

    async with asyncio.timeout(10):
        await Connection(app, scope)(receive, send)  # type: ignore[arg-type]
    assert b"content-encoding" not in dict(messages[0]["headers"])
    assert [message["body"] for message in messages[1:]] == [b"data: 1\n\n" * 500, b"data: 2\n\n", b""]
