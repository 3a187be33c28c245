"""Every text that is served from the static folder has compressed siblings, each of which is that text."""

from pathlib import Path

import pytest

from tests.support.compression import decompressed
from webapp.http.assets import STATIC_DIR, SUFFIXES, VENDOR_DIR, sibling
from webapp.runtime.assets import PACKED_FROM
from webapp.runtime.built_assets import TYPES

TEXTS = {".css", ".csv", ".html", ".js", ".json", ".md", ".mjs", ".svg", ".txt", ".webmanifest", ".xml"}
OTHERS = {".eot", ".map", ".otf", ".png", ".ttf", ".woff", ".woff2", *SUFFIXES.values()}
"""What is compressed by its kind, or read by developers' tools and the oldest browsers alone."""
SERVED = sorted(path for path in STATIC_DIR.rglob("*") if path.is_file() and not path.name.endswith(TYPES))


def of_an_earlier_build(path: Path) -> bool:
    """Files of builds that siblings were not made for stay reachable for a day."""
    newest = (VENDOR_DIR / "manifest.json").stat().st_mtime
    return VENDOR_DIR / "built" in path.parents and path.stat().st_mtime < newest - 600


def test_every_kind_of_file_is_known_to_be_a_text_or_none() -> None:
    assert {path.suffix for path in SERVED} <= TEXTS | OTHERS


@pytest.mark.parametrize("coding", SUFFIXES)
def test_every_text_has_a_sibling(coding: str) -> None:
    texts = [path for path in SERVED if path.suffix in TEXTS and path.stat().st_size >= PACKED_FROM]
    assert len(texts) > 50
    for path in texts:
        if of_an_earlier_build(path):
            continue
        packed = STATIC_DIR / sibling(path.relative_to(STATIC_DIR).as_posix(), coding)
        assert packed.is_file(), path
        content = packed.read_bytes()
        assert decompressed(coding, content) == path.read_bytes(), path
        assert len(content) < path.stat().st_size
