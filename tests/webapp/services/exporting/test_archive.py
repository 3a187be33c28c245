"""The zip that is read while it is written, as other programs read it."""

import io
import shutil
import subprocess
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from webapp.services.exporting import archive
from webapp.services.exporting.archive import EMPTY_BLOCK, StreamedZip

FILES = {"a.csv": b"a,b\n" * 100_000, "пчёлы.json": b"[]\n", "empty.csv": b""}


def written(files: dict[str, bytes]) -> bytes:
    content = bytearray()
    made = StreamedZip(content.extend)
    for name, data in files.items():
        with made.file(name) as file:
            file.keep_alive()
            file.write(data[:1000])
            file.keep_alive()
            file.keep_alive()
            file.write(data[1000:])
    made.end()
    return bytes(content)


def read(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_files_are_what_was_written() -> None:
    assert read(written(FILES)) == FILES


@pytest.mark.parametrize("largest", [0, 1_000, 399_999])
def test_what_does_not_fit_the_original_format_is_in_zip64(monkeypatch: pytest.MonkeyPatch, largest: int) -> None:
    """As if a field held no more: nothing at all, neither sizes nor places, only small ones."""
    fitting = written(FILES)
    monkeypatch.setattr(archive, "LARGEST", largest)
    content = written(FILES)
    assert read(content) == FILES and len(content) > len(fitting)


@pytest.mark.skipif(shutil.which("unzip") is None, reason="there is no unzip here")
def test_unzip_takes_it(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(written(FILES))
    assert (
        "No errors detected" in subprocess.run(["unzip", "-t", path], capture_output=True, text=True, check=True).stdout
    )


def test_files_have_a_date_and_are_readable_by_all() -> None:
    with zipfile.ZipFile(io.BytesIO(written(FILES))) as opened:
        (entry, *_) = opened.infolist()
    assert (datetime(*entry.date_time, tzinfo=UTC) - datetime.now(UTC)).total_seconds() < 60
    assert entry.external_attr >> 16 == 0o100644


def test_a_file_that_is_alive_sends_something_before_there_is_anything_in_it() -> None:
    content = bytearray()
    with StreamedZip(content.extend).file("a.csv") as file:
        for _ in range(3):
            n_bytes = len(content)
            file.keep_alive()
            assert len(content) == n_bytes + len(EMPTY_BLOCK)


def test_a_zip_that_was_given_up_is_none() -> None:
    content = bytearray()
    with suppress(RuntimeError), StreamedZip(content.extend).file("a.csv") as file:
        file.write(b"a,b\n")
        raise RuntimeError
    assert not zipfile.is_zipfile(io.BytesIO(content))
