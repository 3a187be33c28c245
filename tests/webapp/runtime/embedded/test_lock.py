"""The data folder's lock."""

import subprocess
import sys
from pathlib import Path

import pytest

from webapp.runtime.embedded.lock import AlreadyRunning, FolderLock

HOLDER = """
import sys, time
from pathlib import Path
from webapp.runtime.embedded.lock import FolderLock
lock = FolderLock(Path(sys.argv[1]))
lock.acquire()
lock.describe("http://127.0.0.1:5000")
print("held", flush=True)
time.sleep(60)
"""


def test_the_second_is_told_who_was_first_and_death_lets_go(tmp_path: Path) -> None:
    second = FolderLock(tmp_path)
    with subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        first.stdout.readline()
        with pytest.raises(AlreadyRunning, match=f"as process {first.pid}, at http://127.0.0.1:5000"):
            second.acquire()
        first.kill()
    second.acquire()
    second.release()


def test_a_lock_that_was_released_can_be_taken(tmp_path: Path) -> None:
    first, second = FolderLock(tmp_path / "new"), FolderLock(tmp_path / "new")
    first.acquire()
    with pytest.raises(AlreadyRunning):
        second.acquire()
    first.release()
    second.acquire()
    second.release()
