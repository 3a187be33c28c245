"""What a front-end build was made of and left: whether it is here, whole and up to date.

Needs nothing but Python, as the build of a wheel asks here, which has no packages.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from webapp.http.assets import MANIFEST_NAME, STATIC_DIR, VENDOR_DIR, AssetManifest, AssetsMissing

PROJECT_DIR = Path(__file__).parents[2]
FRESH_DIR = VENDOR_DIR.with_name("vendor.new")
"""Where a build grows before it takes the place of the old one."""
OLD_DIR = VENDOR_DIR.with_name("vendor.old")
BUILDERS = ("assets.py", "font_subsets.py")
TYPES = ".d.ts"
"""Files for the type checker, which no browser loads."""


def digest(paths: Iterable[Path]) -> str:
    """One hash over names and contents, the same wherever the project lies."""
    total = hashlib.sha256()
    for path in paths:
        name = os.path.relpath(path, PROJECT_DIR)
        total.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def our_files() -> list[Path]:
    """The files of ours below `static`, as they are before any build."""
    built = {VENDOR_DIR, FRESH_DIR, OLD_DIR}
    files = (path for path in STATIC_DIR.rglob("*") if path.is_file() and not built & set(path.parents))
    return sorted(path for path in files if not path.name.endswith(TYPES))


def sources() -> list[Path]:
    """Everything that the build depends on."""
    builders = (Path(__file__).with_name(name) for name in BUILDERS)
    return sorted([*our_files(), PROJECT_DIR / "package-lock.json", *builders])


def check_built() -> None:
    """Return if the front end is here, whole and of these sources. Raises AssetsMissing."""
    manifest = VENDOR_DIR / MANIFEST_NAME
    if not manifest.is_file():
        raise AssetsMissing("the front end is not built: run `make assets` first")
    lacking = [name for name in AssetManifest.load().served() if not (STATIC_DIR / name).is_file()]
    if lacking:
        raise AssetsMissing(f"the front end lacks {lacking[0]}: run `make assets` first")
    # What was packed for others has no lock file, and is not built again.
    if (PROJECT_DIR / "package-lock.json").is_file() and built_fingerprint() != digest(sources()):
        raise AssetsMissing("the front end is of older sources: run `make assets` first")


def built_fingerprint() -> str | None:
    """The digest of the sources that the last build was made of; None without one."""
    try:
        return str(json.loads((VENDOR_DIR / MANIFEST_NAME).read_text())["fingerprint"])
    except (OSError, ValueError, KeyError):
        return None
