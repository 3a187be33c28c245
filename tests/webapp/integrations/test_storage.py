"""Files below `/uploads`: kept under names of our own, found by them alone."""

import tempfile
from pathlib import Path

import pytest

from tests.support.bucket import Bucket
from webapp.config import Settings, SettingsError
from webapp.errors import NotFound, Unavailable, UnsupportedMedia
from webapp.integrations.storage import Storage


@pytest.fixture(params=["folder", "memory", "bucket"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "memory":
        return Storage.in_memory()
    settings = Settings(data_dir=tmp_path)
    if request.param == "bucket":
        settings = request.getfixturevalue("bucket").settings(settings, s3_prefix=f"site/{tmp_path.name}")
    return Storage.of(settings)


async def test_a_file_comes_back_as_it_was_put(storage: Storage) -> None:
    data = bytes(range(256)) * 4096
    kept = await storage.put("user_7", "My Cat.PNG", data, "image/png")

    found = await storage.open("user_7", kept.name)

    assert b"".join([chunk async for chunk in found.chunks]) == data
    assert (found.content_type, found.inline, found.size) == ("image/png", True, len(data))
    known = await storage.find("user_7", kept.name)
    assert known.etag and (known.etag, known.size, known.modified) == (found.etag, found.size, found.modified)
    assert kept.url == f"/uploads/user_7/{kept.name}"


async def test_the_same_name_twice_makes_two_unguessable_names(storage: Storage) -> None:
    first = await storage.put("user_7", "cat.png", b"one", "image/png")
    second = await storage.put("user_7", "cat.png", b"two", "image/png")

    assert first.name != second.name
    assert first.name.startswith("cat-") and len(first.name) == len("cat-.png") + 24
    assert await storage.read("user_7", first.name) == b"one"


@pytest.mark.parametrize(
    ("given", "stem"),
    [
        ("Été à Évian.JPG", "ete-a-evian-"),
        ("../../etc/passwd", "passwd-"),
        ("..\\secret.txt", "secret-"),
        ("名前.png", "ming-qian-"),
        ("", "file-"),
        ("a" * 300 + ".png", "a" * 40 + "-"),
    ],
)
async def test_names_keep_only_what_is_harmless(storage: Storage, given: str, stem: str) -> None:
    assert (await storage.put("user_7", given, b"x", "image/png")).name.startswith(stem)


async def test_the_extension_follows_the_kind_not_the_name(storage: Storage) -> None:
    kept = await storage.put("user_7", "page.html", b"hello", "text/plain; charset=latin-1")

    found = await storage.open("user_7", kept.name)

    assert kept.name.endswith(".txt")
    assert (found.content_type, found.inline) == ("text/plain; charset=utf-8", False)


async def test_an_open_file_is_kept_from_where_it_is(storage: Storage) -> None:
    data = bytes(range(256)) * 80_000
    with tempfile.SpooledTemporaryFile(max_size=1024) as file:
        file.write(b"before" + data)
        file.seek(len(b"before"))
        kept = await storage.put("project_7", "tasks.csv", file, "text/csv")

    found = await storage.open("project_7", kept.name)
    assert b"".join([chunk async for chunk in found.chunks]) == data


@pytest.mark.parametrize("kind", ["text/html", "application/javascript", "application/x-msdownload", ""])
async def test_kinds_that_could_run_are_refused(storage: Storage, kind: str) -> None:
    with pytest.raises(UnsupportedMedia):
        await storage.put("user_7", "page", b"<script>", kind)


@pytest.mark.parametrize(
    ("container", "name"),
    [
        ("user_7", "missing-0123456789.png"),
        ("..", "secret-key.txt"),
        ("user_7", "../user_8/cat.png"),
        ("user_7", "..%2fcat.png"),
        ("user_7", "cat.html"),
        ("user_7", "cat"),
        ("", "cat.png"),
    ],
)
async def test_no_other_address_leads_anywhere(storage: Storage, container: str, name: str) -> None:
    for look in (storage.open, storage.find):
        with pytest.raises(NotFound):
            await look(container, name)


async def test_a_part_of_a_file_is_read_alone(storage: Storage) -> None:
    kept = await storage.put("user_7", "song.mp3", b"0123456789", "audio/mpeg")

    part = await storage.open("user_7", kept.name, (2, 5))

    assert [chunk async for chunk in part.chunks] == [b"234"]
    assert part.size == 10


async def test_a_removed_file_is_gone_and_removing_again_is_no_error(storage: Storage) -> None:
    kept = await storage.put("user_7", "cat.png", b"x", "image/png")

    await storage.remove("user_7", kept.name)
    await storage.remove("user_7", kept.name)

    with pytest.raises(NotFound):
        await storage.open("user_7", kept.name)


async def test_a_bucket_that_is_away_is_said_to_be_so_and_has_lost_nothing(
    bucket: Bucket, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    storage = Storage.of(bucket.settings(Settings(data_dir=tmp_path)))
    kept = await storage.put("user_7", "cat.png", b"cat", "image/png")
    bucket.stop()
    try:
        storage.check()
        for call in (
            storage.put("user_7", "dog.png", b"dog", "image/png"),
            storage.open("user_7", kept.name),
            storage.find("user_7", kept.name),
            storage.remove("user_7", kept.name),
        ):
            with pytest.raises(Unavailable):
                await call
    finally:
        bucket.start()

    assert await storage.read("user_7", kept.name) == b"cat"
    assert "no files until the bucket can be reached" in caplog.text and bucket.secret not in caplog.text


async def test_two_sites_in_one_bucket_do_not_see_each_other(bucket: Bucket, tmp_path: Path) -> None:
    ours, theirs = (
        Storage.of(bucket.settings(Settings(data_dir=tmp_path), s3_prefix=prefix)) for prefix in ("ours", "theirs")
    )
    kept = await ours.put("user_7", "cat.png", b"cat", "image/png")
    with pytest.raises(NotFound):
        await theirs.find("user_7", kept.name)
    assert await ours.read("user_7", kept.name) == b"cat"


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"s3_secret_key": "another secret"}, "WORKBEE_S3_KEY_ID: the store refuses this key"),
        ({"s3_bucket": "none-of-ours"}, "WORKBEE_S3_BUCKET: the store has no bucket of this name"),
    ],
)
async def test_a_bucket_that_does_not_let_us_in_is_refused_at_start(
    bucket: Bucket, tmp_path: Path, wrong: dict[str, str], named: str
) -> None:
    storage = Storage.of(bucket.settings(Settings(data_dir=tmp_path), **wrong))
    with pytest.raises(SettingsError, match=named):
        storage.check()
    with pytest.raises(Unavailable):
        await storage.put("user_7", "cat.png", b"cat", "image/png")


def test_a_bucket_that_lets_us_in_is_accepted(bucket: Bucket, tmp_path: Path) -> None:
    Storage.of(bucket.settings(Settings(data_dir=tmp_path))).check()
