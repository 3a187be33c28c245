"""The wheel carries its front end, and runs without the sources that it was made from; without a front end there is
none."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.support.server import running_server
from webapp.config_parsing import PREFIX
from webapp.http.assets import VENDOR_DIR
from webapp.runtime.built_assets import PROJECT_DIR

BUILD = """
import sys
sys.path[:0] = ["tools", "."]
import wheel_backend
print(wheel_backend.build_wheel(sys.argv[1]))
"""


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "PYTHON"))}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is committed, without a front end."""
    folder = tmp_path_factory.mktemp("sources")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=PROJECT_DIR, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (PROJECT_DIR / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PROJECT_DIR / name, folder / name)
    return folder


def build(sources: Path, target: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-c", BUILD, str(target)]
    return subprocess.run(command, cwd=sources, env=environment(), capture_output=True, text=True, check=False)


def test_without_its_front_end_no_wheel_is_built(sources: Path, tmp_path: Path) -> None:
    refused = build(sources, tmp_path)
    assert refused.returncode != 0 and "the front end is not built: run `make assets` first" in refused.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def wheel(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    static = sources / VENDOR_DIR.parent.relative_to(PROJECT_DIR)
    shutil.copytree(VENDOR_DIR, static / VENDOR_DIR.name)
    shutil.copytree(VENDOR_DIR, static / "vendor.old")
    target = tmp_path_factory.mktemp("wheel")
    done = build(sources, target)
    assert done.returncode == 0, done.stderr
    return target / done.stdout.split()[-1]


@pytest.mark.slow
def test_what_is_in_the_wheel(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {"webapp/static/vendor/manifest.json", "webapp/static/vendor/jquery/jquery.min.js"} <= set(names)
    assert any(name.startswith("db/functions/") and name.endswith(".sql") for name in names)
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "tools/", "webapp/static/vendor.old/"))]


@pytest.mark.slow
def test_a_front_end_of_older_sources_is_refused(sources: Path, wheel: Path, tmp_path: Path) -> None:
    with (sources / "webapp/static/css/site.css").open("a") as styles:
        styles.write("\n")
    refused = build(sources, tmp_path)
    assert refused.returncode != 0 and "older sources" in refused.stderr


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """The Python of a new environment that has the wheel, and of this one the packages that it needs."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    [site] = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True)
    # A path alone: what is installed there as editable is not found by it.
    (site / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


@pytest.mark.slow
def test_the_wheel_runs_without_its_sources(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    where = subprocess.run(
        [installed, "-c", "import webapp, db; print(webapp.__file__, db.__file__)"],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert all(str(tmp_path) in one for one in where)
    said = subprocess.run(
        [installed.with_name("workbee"), "--version"], env=environment(), capture_output=True, text=True, check=True
    )
    assert said.stdout.startswith("workbee 0.")
    with running_server(tmp_path / "data", python=installed) as server:
        home = httpx.get(f"{server.url}/", headers={"Accept": "text/html"})
        styles = re.search(r'href="(/static/vendor/built/css/site-[^"]+)"', home.text)
        assert home.status_code == 200 and styles is not None
        assert httpx.get(server.url + styles[1]).headers["Content-Type"] == "text/css; charset=utf-8"
