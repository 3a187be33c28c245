"""The front-end build: what it leaves, and what it refuses."""

import gzip
import os
import re
from pathlib import Path

import pytest

from webapp.http.assets import STATIC_DIR, AssetManifest, AssetsMissing, AssetUnknown
from webapp.runtime import assets

SITE_BUDGET = 90 * 1024


@pytest.fixture(scope="module")
def manifest() -> AssetManifest:
    assets.ensure(say=lambda _text: None)
    return AssetManifest.load()


def served(manifest: AssetManifest, name: str) -> Path:
    return STATIC_DIR / manifest.url(name).removeprefix("/static/").split("?")[0]


def test_every_entry_point_is_served_under_a_name_with_its_hash(manifest: AssetManifest) -> None:
    for path in assets.entry_points():
        url = manifest.url(path.relative_to(STATIC_DIR).as_posix())
        assert re.fullmatch(r"/static/vendor/built/.+-[A-Z0-9]{8}\.(css|js)", url)
        assert served(manifest, path.relative_to(STATIC_DIR).as_posix()).is_file()


def test_presenters_find_the_libraries_where_they_always_were(manifest: AssetManifest) -> None:
    for name in assets.COPIES.values():
        assert (STATIC_DIR / "vendor" / name).exists()
    assert manifest.url("vendor/jquery/jquery.min.js") == "/static/vendor/jquery/jquery.min.js"


def test_style_and_script_of_a_page_stay_within_the_budget(manifest: AssetManifest) -> None:
    packed = [Path(f"{served(manifest, name)}.gz") for name in ("css/site.css", "js/site/main.js")]
    assert 0 < sum(path.stat().st_size for path in packed) < SITE_BUDGET
    assert gzip.decompress(packed[0].read_bytes()) == served(manifest, "css/site.css").read_bytes()


def test_a_template_cannot_name_a_file_that_is_not_there(manifest: AssetManifest) -> None:
    with pytest.raises(AssetUnknown):
        manifest.url("css/no-such.css")


def test_without_a_build_the_reader_is_told_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(AssetsMissing, match=r"webapp\.runtime\.assets"):
        AssetManifest.load(tmp_path)


def test_nothing_is_built_twice(manifest: AssetManifest) -> None:
    said: list[str] = []
    assets.ensure(say=said.append)
    assert said == []


def test_files_of_the_build_before_stay_for_a_while(tmp_path: Path) -> None:
    earlier, fresh = tmp_path / "earlier", tmp_path / "fresh"
    for name, age in (("css/site-AAAA.css", 0), ("css/site-OLD.css", -500)):
        path = earlier / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        os.utime(path, (1000 + age, 1000 + age))
    (fresh / "css").mkdir(parents=True)
    assets.keep_earlier(earlier, fresh, since=900)
    assert [path.name for path in (fresh / "css").iterdir()] == ["site-AAAA.css"]


def test_the_lock_file_names_no_host() -> None:
    lock = (assets.PROJECT_DIR / "package-lock.json").read_text()
    assert '"resolved"' not in lock


def test_no_page_is_given_the_files_for_the_type_checker() -> None:
    assert list((STATIC_DIR / "js").rglob("*.d.ts"))
    assert not [path for path in assets.sources() if path.name.endswith(".d.ts")]


@pytest.mark.parametrize(
    ("before", "development", "extent", "after"),
    [
        ("", False, ["--omit=dev"], "LOCK"),
        ("", True, [], "LOCK development"),
        ("LOCK", False, None, "LOCK"),
        ("LOCK", True, [], "LOCK development"),
        ("LOCK development", False, None, "LOCK development"),
        ("LOCK development", True, None, "LOCK development"),
        ("OLD development", False, ["--omit=dev"], "LOCK"),
    ],
)
def test_packages_for_development_are_installed_where_they_are_asked_for(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: str,
    development: bool,
    extent: list[str] | None,
    after: str,
) -> None:
    lock = assets.digest([assets.PROJECT_DIR / "package-lock.json"])
    stamp = tmp_path / ".workbee-lock"
    stamp.write_text(before.replace("LOCK", lock))
    run: list[list[str]] = []
    monkeypatch.setattr(assets, "MODULES_DIR", tmp_path)
    monkeypatch.setattr(assets, "_run", run.append)
    assets._install_packages(lambda _text: None, development=development)
    extents = [[word for word in command if word == "--omit=dev"] for command in run]
    assert extents == ([] if extent is None else [extent])
    assert stamp.read_text() == after.replace("LOCK", lock)
