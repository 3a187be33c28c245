"""Static files: how long they may be kept, and in which form they travel."""

import pytest
from quart import Quart

from tests.support.client import Client
from webapp.http.assets import STATIC_DIR, AssetManifest
from webapp.http.statics import THEME_FILES


@pytest.fixture
def stylesheet() -> str:
    return AssetManifest.load().url("css/site.css")


async def test_a_built_file_travels_compressed_and_is_kept_for_good(client: Client, stylesheet: str) -> None:
    answer = await client.get(stylesheet, headers={"Accept-Encoding": "gzip, br"})
    assert answer.status == 200
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Accept-Encoding" in answer.headers["Vary"]


async def test_who_does_not_take_gzip_gets_it_plain(client: Client, stylesheet: str) -> None:
    answer = await client.get(stylesheet, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert answer.text == (STATIC_DIR / stylesheet.removeprefix("/static/")).read_text()


async def test_a_file_at_a_fixed_address_is_asked_for_again(client: Client) -> None:
    answer = await client.get("/static/js/pybossa/pybossa.js")
    assert answer.status == 200
    assert "immutable" not in answer.headers["Cache-Control"]


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
