"""The fonts of our pages, cut down to what pages show: half the bytes of a first visit were fonts.

Which signs go together is said once, as the `unicode-range` of each face in `static/css/site/`; here a file of just
these signs is made for each, with the weights that our styles ask for, by the programs of fontTools.
"""

import hashlib
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from webapp.http.assets import STATIC_DIR, AssetsMissing

FACES = tuple(STATIC_DIR / "css" / "site" / name for name in ("fonts.css", "text-font.css"))
ALIAS = "@workbee/fonts"
"""What stands for the folder of the subsets in stylesheets."""
SOURCES = {
    "inter-basic": "inter/files/inter-latin-wght-normal.woff2",
    "inter-latin": "inter/files/inter-latin-wght-normal.woff2",
    "inter-latin-ext": "inter/files/inter-latin-ext-wght-normal.woff2",
    "fraunces-basic": "fraunces/files/fraunces-latin-wght-normal.woff2",
    "fraunces-latin": "fraunces/files/fraunces-latin-wght-normal.woff2",
    "fraunces-latin-ext": "fraunces/files/fraunces-latin-ext-wght-normal.woff2",
}
"""The file of the package `@fontsource-variable` that each subset is made from."""
WEIGHTS = {"inter": "wght=400:600", "fraunces": "wght=560"}
"""As in `static/css/site/tokens.css`. What is bolder is shown as 600."""
FEATURES = "kern,mark,mkmk,ccmp,locl,tnum"
"""Kerning, marks on letters, and figures of one width. Not `calt`: arrows made of hyphens would be a fifth of the
file."""
STAMP = "stamp"
_FACE = re.compile(rf'url\("{ALIAS}/([\w-]+)\.woff2"\)[^}}]*?unicode-range:([^;]+);')


def unicode_ranges() -> dict[str, str]:
    """The signs of each subset, as the stylesheets say them."""
    styles = "".join(path.read_text() for path in FACES)
    return {name: " ".join(ranges.split()) for name, ranges in _FACE.findall(styles)}


def ensure(modules: Path, say: Callable[[str], None]) -> Path:
    """The folder of the subsets, made unless it is there for the same fonts. Raises AssetsMissing."""
    folder = modules / ".workbee-fonts"
    packages = {name: modules / "@fontsource-variable" / source for name, source in SOURCES.items()}
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in (*FACES, Path(__file__), *packages.values())))
    stamp = folder / STAMP
    if stamp.is_file() and stamp.read_text() == wanted.hexdigest():
        return folder
    say("Cutting the fonts down")
    folder.mkdir(exist_ok=True)
    for name, ranges in unicode_ranges().items():
        _make(packages[name], folder / f"{name}.woff2", ranges, WEIGHTS[name.partition("-")[0]])
    stamp.write_text(wanted.hexdigest())
    return folder


def _make(source: Path, target: Path, ranges: str, weights: str) -> None:
    options = [f"--unicodes={ranges}", f"--layout-features={FEATURES}", "--no-hinting", "--flavor=woff2"]
    _run("fontTools.subset", str(source), *options, f"--output-file={target}")
    _run("fontTools.varLib.instancer", str(target), weights, f"--output={target}", "--quiet")


def _run(module: str, *arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssetsMissing(f"{module} failed:\n{done.stdout}{done.stderr}")
