"""Files below `/uploads`."""

from pathlib import Path

import pytest
from quart import Quart

from tests.support.bucket import Bucket
from tests.support.client import Client
from tests.support.compression import decompressed
from webapp.config import Settings
from webapp.http.app_services import current_services
from webapp.integrations.storage import Storage, StoredFile
from webapp.views.uploads import TEXT_IN_ONE_PIECE


@pytest.fixture
def settings(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> Settings:
    """Files in a folder, or in a bucket where a test says so."""
    if getattr(request, "param", "folder") == "folder":
        return settings
    given: Settings = request.getfixturevalue("bucket").settings(settings, s3_prefix=tmp_path.name)
    return given


async def stored(app: Quart, data: bytes, kind: str) -> StoredFile:
    return await current_services(app).storage.put("user_1", "file", data, kind)


@pytest.mark.parametrize(
    ("kind", "disposition"),
    [
        ("image/png", "inline"),
        ("audio/mpeg", "inline"),
        ("application/pdf", "attachment"),
        ("image/svg+xml", "attachment"),
        ("text/plain", "attachment"),
    ],
)
async def test_a_file_is_sent_and_nothing_in_it_may_run(
    app: Quart, client: Client, kind: str, disposition: str
) -> None:
    file = await stored(app, b"<script>alert(1)</script>", kind)

    answer = await client.get(file.url)

    assert (answer.status, answer.content) == (200, b"<script>alert(1)</script>")
    assert answer.headers["Content-Type"].partition(";")[0] == kind
    assert answer.headers["Content-Disposition"] == f'{disposition}; filename="{file.name}"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Length"] == "25"


async def test_what_a_browser_has_already_is_not_sent_again(app: Quart, client: Client) -> None:
    file = await stored(app, b"picture", "image/png")
    etag = (await client.get(file.url)).headers["ETag"]

    again = await client.get(file.url, headers={"If-None-Match": etag})

    assert (again.status, again.content) == (304, b"")
    assert "immutable" in again.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("wanted", "status", "content", "told"),
    [
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=4-99", 206, b"456789", "bytes 4-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
async def test_players_get_the_part_that_they_ask_for(
    app: Quart, client: Client, wanted: str, status: int, content: bytes, told: str | None
) -> None:
    file = await stored(app, b"0123456789", "audio/mpeg")

    answer = await client.get(file.url, headers={"Range": wanted})

    assert (answer.status, answer.content, answer.headers.get("Content-Range")) == (status, content, told)


async def test_looking_at_the_head_alone_reads_no_file(
    app: Quart, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await stored(app, b"0123456789", "audio/mpeg")
    monkeypatch.delattr(Storage, "open")

    answer = await client.raw("HEAD", file.url, b"", {})

    assert (answer.status, answer.content, answer.headers["Content-Type"]) == (200, b"", "audio/mpeg")


@pytest.mark.parametrize("settings", ["bucket"], indirect=True)
async def test_a_bucket_serves_as_a_folder_does(app: Quart, client: Client, bucket: Bucket, settings: Settings) -> None:
    file = await stored(app, b"0123456789", "audio/mpeg")

    async def asked(**headers: str) -> tuple[int, bytes, str | None]:
        answer = await client.get(file.url, headers={name.replace("_", "-"): text for name, text in headers.items()})
        return answer.status, answer.content, answer.headers.get("Content-Range")

    etag = (await client.get(file.url)).headers["ETag"]
    assert await asked() == (200, b"0123456789", None)
    assert await asked(If_None_Match=etag) == (304, b"", None)
    assert await asked(Range="bytes=2-4") == (206, b"234", "bytes 2-4/10")
    assert await asked(Range="bytes=10-") == (416, b"", "bytes */10")
    assert (await client.get(file.url.replace("file-", "none-"))).status == 404
    assert not (settings.data_dir / "uploads").exists()
    bucket.stop()
    try:
        assert (await client.get(file.url)).status == 503, "what cannot be reached is not said to be none"
    finally:
        bucket.start()
    assert await asked() == (200, b"0123456789", None)


async def test_a_part_of_another_file_is_not_mixed_in(app: Quart, client: Client) -> None:
    file = await stored(app, b"0123456789", "audio/mpeg")

    answer = await client.get(file.url, headers={"Range": "bytes=2-4", "If-Range": '"another"'})

    assert (answer.status, answer.content) == (200, b"0123456789")


@pytest.mark.parametrize(
    "path", ["/uploads/user_1/none.png", "/uploads/user_1", "/uploads/../secret.key", "/uploads/user_1/..%2f..%2fx.png"]
)
async def test_there_is_nothing_else(client: Client, path: str) -> None:
    assert (await client.get(path)).status == 404


@pytest.mark.parametrize("kind", ["image/svg+xml", "text/csv", "application/json", "text/plain"])
@pytest.mark.parametrize("settings", ["folder", "bucket"], indirect=True)
async def test_a_text_is_compressed_and_known_again(app: Quart, client: Client, settings: Settings, kind: str) -> None:
    content = b"bees, moons\n" * 1000
    file = await stored(app, content, kind)
    takes = {"Accept-Encoding": "gzip"}
    answer = await client.get(file.url, headers=takes)
    assert answer.headers["Content-Encoding"] == "gzip" and answer.headers["Vary"] == "Accept-Encoding"
    assert decompressed("gzip", answer.content) == content and len(answer.content) < 500
    told = await client.raw("HEAD", file.url, b"", takes)
    for name in ("Content-Encoding", "Content-Length", "ETag"):
        assert told.headers[name] == answer.headers[name]
    again = await client.get(file.url, headers=takes | {"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.content) == (304, b"")
    part = await client.get(file.url, headers=takes | {"Range": "bytes=0-2999"})
    assert (part.status, part.content) == (206, content[:3000])
    assert "Content-Encoding" not in part.headers


async def test_a_long_text_is_sent_as_it_is_read(app: Quart, client: Client) -> None:
    file = await stored(app, b"x" * (TEXT_IN_ONE_PIECE + 1), "text/csv")
    answer = await client.get(file.url, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers and len(answer.content) == TEXT_IN_ONE_PIECE + 1
