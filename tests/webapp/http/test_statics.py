"""Static files: how long they may be kept, and in which form they travel."""

import pytest
from quart import Quart

from tests.support.client import Client
from tests.support.compression import decompressed
from webapp.http.assets import STATIC_DIR, AssetManifest
from webapp.http.statics import THEME_FILES

LARGE = "/static/vendor/pdfjs/pdf.worker.min.mjs"
PYBOSSA_JS = "/static/js/pybossa/pybossa.js"


@pytest.fixture
def stylesheet() -> str:
    return AssetManifest.load().url("css/site.css")


def content_of(address: str) -> bytes:
    return (STATIC_DIR / address.removeprefix("/static/")).read_bytes()


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, zstd", "zstd"),
        ("gzip, deflate", "gzip"),
        ("br;q=0.1, gzip", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("identity", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("address", ["built", PYBOSSA_JS, LARGE])
async def test_a_text_travels_as_the_build_has_compressed_it(
    client: Client, stylesheet: str, address: str, accepted: str, coding: str | None
) -> None:
    address = stylesheet if address == "built" else address
    answer = await client.get(address, headers={"Accept-Encoding": accepted})
    assert answer.status == 200
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert answer.headers["Content-Type"].startswith("text/css" if address == stylesheet else "text/javascript")
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert decompressed(coding, answer.content) == content_of(address)


async def test_each_form_of_a_file_has_a_tag_by_which_it_is_known_again(client: Client, stylesheet: str) -> None:
    tags = set()
    for address in (stylesheet, PYBOSSA_JS, LARGE):
        for coding in ("br", "zstd", "gzip", "identity"):
            answer = await client.get(address, headers={"Accept-Encoding": coding})
            tag = answer.headers["ETag"]
            tags.add(tag)
            again = await client.get(address, headers={"Accept-Encoding": coding, "If-None-Match": tag})
            assert (again.status, again.content, again.headers["ETag"]) == (304, b"", tag)
            assert again.headers["Cache-Control"] == answer.headers["Cache-Control"]
            assert again.headers["Vary"] == "Accept-Encoding"
            other = await client.get(address, headers={"Accept-Encoding": coding, "If-None-Match": '"other"'})
            assert other.status == 200
    assert len(tags) == 12


async def test_head_says_what_get_would(client: Client, stylesheet: str) -> None:
    for address in (stylesheet, LARGE):
        answer = await client.get(address, headers={"Accept-Encoding": "br"})
        told = await client.raw("HEAD", address, b"", {"Accept-Encoding": "br"})
        for name in ("Content-Encoding", "Content-Length", "ETag", "Vary", "Cache-Control"):
            assert told.headers[name] == answer.headers[name]


async def test_what_our_pages_name_is_kept_for_good(client: Client) -> None:
    manifest = AssetManifest.load()
    for name in ("css/site.css", "js/frame.js", "css/frame.css", "img/mark.svg", "fonts/inter-basic.woff2"):
        answer = await client.get(manifest.url(name))
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")


@pytest.mark.parametrize(
    "address", ["/static/vendor/jquery/jquery.min.js", "/static/css/bootstrap.min.css", PYBOSSA_JS]
)
async def test_a_file_at_a_fixed_address_is_kept_for_a_day_and_asked_about_again(client: Client, address: str) -> None:
    for query in ("", "?v=1"):
        answer = await client.get(address + query)
        assert answer.status == 200 and answer.headers["ETag"]
        assert answer.headers["Cache-Control"] == "public, max-age=86400, stale-while-revalidate=604800"


@pytest.mark.parametrize("coding", ["br", "identity"])
@pytest.mark.parametrize("address", [PYBOSSA_JS, LARGE])
async def test_a_part_is_one_of_what_is_sent(client: Client, address: str, coding: str) -> None:
    whole = await client.get(address, headers={"Accept-Encoding": coding})
    part = await client.get(address, headers={"Accept-Encoding": coding, "Range": "bytes=10-2019"})
    assert part.status == 206 and part.content == whole.content[10:2020]
    assert part.headers["Content-Range"] == f"bytes 10-2019/{len(whole.content)}"
    assert part.headers.get("Content-Encoding") == (None if coding == "identity" else coding)


@pytest.mark.parametrize(
    "path", ["no-such.css", "css", "../config.py", "..%2fconfig.py", "css/../../config.py", "a" * 5000, "a%00.css"]
)
async def test_what_is_no_file_of_the_folder_is_not_found(app: Quart, path: str) -> None:
    answer = await Client(app).get(f"/static/{path}", headers={"Accept-Encoding": "gzip"})
    assert answer.status == 404


@pytest.mark.parametrize(
    "span", ["bytes=99999999-", f"bytes={'9' * 30}-", "bytes=-0", "bytes=5-1", "bytes=x", "bees=0-"]
)
async def test_a_part_that_a_file_has_not_is_no_failure(client: Client, span: str) -> None:
    answer = await client.get("/static/img/icon-192.png", headers={"Range": span})
    assert answer.status in (200, 416)


@pytest.mark.parametrize("address", sorted(THEME_FILES))
async def test_the_original_themes_addresses_answer(client: Client, address: str) -> None:
    answer = await client.get(f"/static/{address}")
    kind = "text/css" if address.endswith(".css") else "text/javascript"
    assert answer.status == 200 and answer.headers["Content-Type"].startswith(kind)


@pytest.mark.parametrize(
    "address", ["pdf/pdf.js", "pdf/scrollsync.js", "pdf/dragscrollable.js", "pybossa-player/dist/pybossa-player.min.js"]
)
async def test_scripts_that_the_contract_names_answer(client: Client, address: str) -> None:
    assert (await client.get(f"/static/js/{address}")).status == 200
