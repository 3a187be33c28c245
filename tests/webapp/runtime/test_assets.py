"""The front-end build: what it leaves, and what it refuses."""

import os
import re
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from tests.support.compression import decompressed
from webapp.http.assets import STATIC_DIR, AssetManifest, AssetsMissing, AssetUnknown
from webapp.runtime import assets, built_assets, font_subsets

SITE_BUDGET = 90 * 1024


@pytest.fixture(scope="module")
def manifest() -> AssetManifest:
    assets.ensure(say=lambda _text: None)
    return AssetManifest.load()


def served(manifest: AssetManifest, name: str) -> Path:
    return STATIC_DIR / manifest.url(name).removeprefix("/static/")


def test_every_entry_point_is_served_under_a_name_with_its_hash(manifest: AssetManifest) -> None:
    for path in assets.entry_points():
        url = manifest.url(path.relative_to(STATIC_DIR).as_posix())
        assert re.fullmatch(r"/static/vendor/built/.+-[A-Z0-9]{8}\.(css|js|svg|png|webmanifest)", url)
        assert served(manifest, path.relative_to(STATIC_DIR).as_posix()).is_file()


def test_presenters_find_the_libraries_where_they_always_were(manifest: AssetManifest) -> None:
    for name in assets.COPIES.values():
        assert (STATIC_DIR / "vendor" / name).exists()
    assert manifest.url("vendor/jquery/jquery.min.js") == "/static/vendor/jquery/jquery.min.js"


def test_style_and_script_of_a_page_stay_within_the_budget(manifest: AssetManifest) -> None:
    packed = [Path(f"{served(manifest, name)}.gz") for name in ("css/site.css", "js/site/main.js")]
    assert 0 < sum(path.stat().st_size for path in packed) < SITE_BUDGET


@pytest.mark.parametrize("name", ["js/site/main.js", *assets.STAGE_SCRIPTS, "js/frame.js"])
def test_a_page_loads_its_script_by_one_request(manifest: AssetManifest, name: str) -> None:
    """Parts of pages have scripts of their own, which are loaded when they are shown; nothing else is."""
    script = served(manifest, name).read_text()
    assert len(script) > 5000
    assert not re.search(r"""(?:^|[;}\n])(?:import|export)(?:\{[^}]*\}from)?["'][./]""", script)


def test_the_script_of_a_frame_is_its_parts_in_their_order_and_strict_for_none_of_the_others(
    manifest: AssetManifest,
) -> None:
    script = served(manifest, "js/frame.js").read_text()
    jquery = (assets.MODULES_DIR / "jquery/dist/jquery.min.js").read_text().strip()
    bootstrap = (assets.MODULES_DIR / "bootstrap/dist/js/bootstrap.min.js").read_text().strip()
    places = [script.index(part) for part in ("workbeeBridge", jquery, bootstrap, "sanitize=!1", "taskLoaded")]
    assert places == sorted(places)
    assert script.startswith(";") and "sourceMappingURL" not in script


def test_siblings_are_taken_over_from_a_build_of_the_same_text(tmp_path: Path) -> None:
    fresh, earlier = tmp_path / "fresh", tmp_path / "earlier"
    for folder, other in ((fresh, b"new"), (earlier, b"old")):
        folder.mkdir()
        (folder / "same.css").write_bytes(b"a" * 2000)
        (folder / "other.css").write_bytes(other * 1000)
        (folder / "small.css").write_bytes(b"a" * 1000)
    for name in ("same.css.br", "other.css.br"):
        (earlier / name).write_bytes(b"made before")
    assets.pack(fresh, earlier)
    assert (fresh / "same.css.br").read_bytes() == b"made before"
    assert decompressed("br", (fresh / "other.css.br").read_bytes()) == b"new" * 1000
    assert decompressed("gzip", (fresh / "same.css.gz").read_bytes()) == b"a" * 2000
    assert not (fresh / "small.css.br").exists()


def signs_of(path: Path) -> set[int]:
    with TTFont(path) as font:
        return set(font.getBestCmap())


def signs_in(ranges: str) -> set[int]:
    spans = [part.strip().removeprefix("U+").split("-") for part in ranges.split(",")]
    return {sign for span in spans for sign in range(int(span[0], 16), int(span[-1], 16) + 1)}


def test_every_sign_of_a_font_is_in_one_of_its_subsets(manifest: AssetManifest) -> None:
    ranges = font_subsets.unicode_ranges()
    assert set(ranges) == set(font_subsets.SOURCES)
    for family in font_subsets.WEIGHTS:
        names = [name for name in font_subsets.SOURCES if name.startswith(family)]
        subsets = [signs_of(served(manifest, f"fonts/{name}.woff2")) for name in names]
        sources = {font_subsets.SOURCES[name] for name in names}
        wholes = [signs_of(assets.MODULES_DIR / "@fontsource-variable" / source) for source in sources]
        said = [signs_in(ranges[name]) for name in names]
        assert sum(map(len, said)) == len(set().union(*said)), "no sign is in two of them"
        for subset, signs in zip(subsets, said, strict=True):
            assert subset <= signs
        # Of the sources each has some signs that the other's own range has, too.
        assert set().union(*subsets) == set().union(*wholes) & set().union(*said)
        assert {ord(letter) for letter in "azAZ09éÜß…’"} <= subsets[0]


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
    lock = (built_assets.PROJECT_DIR / "package-lock.json").read_text()
    assert '"resolved"' not in lock


def test_no_page_is_given_the_files_for_the_type_checker() -> None:
    assert list((STATIC_DIR / "js").rglob("*.d.ts"))
    assert not [path for path in built_assets.sources() if path.name.endswith(".d.ts")]


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
    lock = built_assets.digest([built_assets.PROJECT_DIR / "package-lock.json"])
    stamp = tmp_path / ".workbee-lock"
    stamp.write_text(before.replace("LOCK", lock))
    run: list[list[str]] = []
    monkeypatch.setattr(assets, "MODULES_DIR", tmp_path)
    monkeypatch.setattr(assets, "_run", run.append)
    assets._install_packages(lambda _text: None, development=development)
    extents = [[word for word in command if word == "--omit=dev"] for command in run]
    assert extents == ([] if extent is None else [extent])
    assert stamp.read_text() == after.replace("LOCK", lock)
