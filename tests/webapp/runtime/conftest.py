"""Data folders for tests that start real servers."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.runtime.embedded.data_directory import MANIFEST_FILE, open_data_directory


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder with a short path that every user may enter; the servers' files go with it."""
    path = Path(tempfile.mkdtemp(prefix="workbee-test-"))
    path.chmod(0o755)
    yield path
    discard(path)


@pytest.fixture
def private_folder() -> Iterator[Path]:
    """A data folder below one that nobody but its owner may enter."""
    parent = Path(tempfile.mkdtemp(prefix="workbee-test-"))
    path = parent / "data"
    path.mkdir(mode=0o755)
    yield path
    discard(path)
    shutil.rmtree(parent, ignore_errors=True)


def discard(data_dir: Path) -> None:
    """Remove a data folder, and what its servers keep elsewhere."""
    if (data_dir / MANIFEST_FILE).exists():
        open_data_directory(data_dir).discard()
    shutil.rmtree(data_dir, ignore_errors=True)
