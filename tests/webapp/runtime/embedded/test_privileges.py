"""Nobody else reads the data directory, and root runs nothing that strangers talk to."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.webapp.runtime.serving.test_up import UP, site
from webapp.runtime.child import Program, spawn
from webapp.runtime.embedded.data_directory import unprivileged_account
from webapp.runtime.embedded.lock import LOCK_FILE
from webapp.runtime.embedded.privileges import make_private, worker_account

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root changes users")
ROOT = Path(__file__).parents[4]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def open_to_others(folder: Path) -> dict[str, str]:
    """What in the folder its group or everybody may read, write or enter."""
    return {str(path): oct(mode(path)) for path in folder.iterdir() if mode(path) & 0o077}


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """One that everybody may read, as pytest's are not."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def reachable_python(public_folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An interpreter that every user may run, with our packages."""
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    found = next((path for path in (shutil.which(name, path="/usr/local/bin:/usr/bin"),) if path), None)
    if found is None:
        pytest.skip(f"there is no {name} for everybody on this machine")
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    # redis asks for it before Python 3.11.3; the standard library has the same.
    stand_in = public_folder / "async_timeout.py"
    stand_in.write_text("from asyncio import timeout\n")
    stand_in.chmod(0o644)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(ROOT), packages, str(public_folder))))
    asked = [found, "-c", "import webapp.app, webapp.runtime.serving.web_worker, psycopg"]
    account = unprivileged_account()
    ran = subprocess.run(
        asked, user=account.uid, group=account.gid, cwd="/", capture_output=True, text=True, check=False
    )
    if ran.returncode:
        pytest.skip(f"{account.name} cannot run Workbee here: {ran.stderr.strip().splitlines()[-1]}")
    return found


@as_root
def test_root_s_workers_are_an_unprivileged_user_s_and_files_their_owner_s(folder: Path, reachable_python: str) -> None:
    with site(folder, (reachable_python, *UP[1:])) as running:
        workers = [*running.children("web_worker"), *running.children("webapp.cli worker")]
        account = unprivileged_account()
        assert len(workers) == 2
        assert {uid for one in workers for uid in one.uids()} == {account.uid}
        assert httpx.get(json.loads((folder / LOCK_FILE).read_text())["address"]).status_code == 200
        assert mode(folder) == 0o710
        theirs = open_to_others(folder)
        assert theirs.keys() <= {str(folder / "up.log")}, "which this test made, by whatever umask"
        assert open_to_others(folder / "logs") == {}
        assert ((folder / "uploads").stat().st_uid, (folder / LOCK_FILE).stat().st_uid) == (account.uid, 0)


@as_root
def test_a_data_directory_is_closed_as_far_as_its_services_allow(folder: Path, private_folder: Path) -> None:
    for path, expected in ((folder, 0o710), (private_folder, 0o700)):
        path.chmod(0o755)
        make_private(path)
        assert (mode(path), path.stat().st_uid) == (expected, 0)
    folder.chmod(0o1777)
    make_private(folder)
    assert mode(folder) == 0o1777, "a place for everybody, as /tmp is, stays one"


@as_root
def test_workers_stay_root_where_nobody_else_could_read_their_files(
    private_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    private_folder.parent.chmod(0o700)
    assert worker_account(private_folder, None) is None
    assert f"cannot read {private_folder}" in caplog.text


def test_what_a_child_makes_is_for_its_owner_alone(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "child.log"
    made = tmp_path / "made"
    argv = [sys.executable, "-c", f"open({str(made)!r}, 'w').close()"]
    assert spawn(Program(argv, "child", {}, tmp_path, log=log)).wait(30) == 0
    assert (mode(log), mode(log.parent), mode(made)) == (0o600, 0o700, 0o600)
