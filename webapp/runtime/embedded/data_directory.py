"""The embedded services' data directory: where they keep their files, and as which user they run.

As a rule it lies below the site's data folder. PostgreSQL refuses to run as root, so that root starts it as another
user; where that user cannot reach the data folder, because it lies below somebody's private folders, the directory is
elsewhere. The manifest in the data folder says where, and holds the services' passwords.
"""

import hashlib
import json
import os
import pwd
import secrets
import shutil
import stat
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from webapp.runtime.child import Account, RuntimeFailure

MANIFEST_FILE = "embedded.json"
INSIDE = "embedded"
"""The directory's name below the data folder."""
OWNER_FILE = "owner"
ACCOUNTS = ("workbee", "nobody", "daemon", "postgres")
"""Whom root's processes run as: the first of these that the machine knows. A system's own `postgres` comes last: it may
be another database's superuser."""
SOCKET_PATH_ROOM = 100
"""Unix sockets have paths of at most 103 bytes on some systems."""


@dataclass(frozen=True)
class Manifest:
    """What the next start has to know."""

    home: str
    """The directory, absolute or below the data folder; by this name in files that are there already."""
    database_password: str
    superuser_password: str
    redis_password: str


@dataclass(frozen=True)
class DataDirectory:
    """The embedded services' files on this machine."""

    path: Path
    data_dir: Path
    """The site's data folder that it belongs to."""
    account: Account | None
    """The user who owns the files and runs the services; None for the one who runs this."""
    manifest: Manifest

    @property
    def logs(self) -> Path:
        """The folder of the services' logs, which is ours, not theirs."""
        return self.data_dir / "logs"

    @property
    def run(self) -> Path:
        """The private folder of the services' sockets, with a path short enough for them."""
        inside = self.path / "run"
        if len(os.fsencode(inside)) + len("/.s.PGSQL.5432.lock") <= SOCKET_PATH_ROOM:
            return inside
        digest = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"workbee-{digest}"

    def make(self, folder: Path) -> Path:
        """The folder, private to the services' user."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        uid = self.account.uid if self.account else os.getuid()
        if self.account and found.st_uid == os.getuid() != uid:
            os.chown(folder, self.account.uid, self.account.gid)
        elif not stat.S_ISDIR(found.st_mode) or found.st_uid != uid:
            raise RuntimeFailure(f"{folder} belongs to somebody else: remove it, or use another data folder.")
        folder.chmod(0o700)
        return folder

    def discard(self) -> None:
        """Remove the services' files for good, wherever they are."""
        shutil.rmtree(self.path, ignore_errors=True)
        shutil.rmtree(self.run, ignore_errors=True)
        (self.data_dir / MANIFEST_FILE).unlink(missing_ok=True)


def open_data_directory(data_dir: Path) -> DataDirectory:
    """The directory that the data folder's manifest names, or a new one. The caller holds the data folder's lock."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        manifest = _read_manifest(data_dir) or _create_manifest(data_dir)
    except OSError as error:
        raise RuntimeFailure(f"The data folder {data_dir} cannot be used: {error.strerror}.") from None
    directory = DataDirectory((data_dir / manifest.home).absolute(), data_dir, None, manifest)
    directory = replace(directory, account=_account_for(directory.path))
    directory.make(directory.path)
    _take_ownership(directory)
    directory.make(directory.run)
    return directory


def _read_manifest(data_dir: Path) -> Manifest | None:
    path = data_dir / MANIFEST_FILE
    try:
        return Manifest(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise RuntimeFailure(f"{path} is damaged. It names the place and the passwords of the database.") from None


def _create_manifest(data_dir: Path) -> Manifest:
    directory = data_dir / INSIDE
    if os.getuid() == 0 and not is_reachable(data_dir, unprivileged_account()):
        directory = _place_elsewhere(data_dir)
    inside = directory.is_relative_to(data_dir)
    passwords = [secrets.token_urlsafe(24) for _ in range(3)]
    manifest = Manifest(str(directory.relative_to(data_dir) if inside else directory), *passwords)
    draft = data_dir / f"{MANIFEST_FILE}.new"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(manifest), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(data_dir / MANIFEST_FILE)
    return manifest


def _place_elsewhere(data_dir: Path) -> Path:
    """A new folder that the services' user can reach: among the temporary ones if the data folder is temporary too."""
    temporary = Path(tempfile.gettempdir())
    places = [Path("/var/lib"), Path("/var/tmp"), temporary]
    if data_dir.resolve().is_relative_to(temporary.resolve()):
        places.insert(0, temporary)
    account = unprivileged_account()
    for place in places:
        if place.is_dir() and os.access(place, os.W_OK) and is_reachable(place, account):
            return Path(tempfile.mkdtemp(prefix="workbee-", dir=place))
    raise RuntimeFailure(
        f"The user {account.name}, who has to run the database, can reach no folder for it. "
        "Run Workbee as an ordinary user, or set WORKBEE_DATABASE_URL and WORKBEE_REDIS_URL."
    )


def services_account(data_dir: Path) -> Account | None:
    """Whom the embedded services of this data folder run as, or would; None for the user who runs this."""
    manifest = _read_manifest(data_dir)
    return _account_for(data_dir / (manifest.home if manifest is not None else INSIDE))


def _account_for(directory: Path) -> Account | None:
    """Only root changes the user: to the one who owns the files already, or to the one chosen for new files."""
    if os.getuid() != 0:
        return None
    owner = directory.stat().st_uid if directory.exists() else 0
    if owner == 0:
        return unprivileged_account()
    try:
        entry = pwd.getpwuid(owner)
    except KeyError:
        raise RuntimeFailure(f"{directory} belongs to user {owner}, whom this machine does not know.") from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def unprivileged_account() -> Account:
    """Whom root's processes run as. Raises RuntimeFailure where the machine has nobody for it."""
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise RuntimeFailure(
        f"PostgreSQL does not run as root, and none of the users {', '.join(ACCOUNTS)} exists: create the user workbee."
    )


def is_reachable(folder: Path, account: Account) -> bool:
    """Whether the account may enter the folder and every one above it."""
    folder = folder.resolve()
    return all(may_enter(part, account) for part in (folder, *folder.parents))


def may_enter(folder: Path, account: Account) -> bool:
    """Whether the mode of the folder lets the account pass."""
    found = folder.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == account.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _take_ownership(directory: DataDirectory) -> None:
    """Two data folders, one a copy of the other, must not share a database that lives outside both."""
    if directory.path.is_relative_to(directory.data_dir):
        return
    ownership = directory.path / OWNER_FILE
    owner = Path(ownership.read_text()) if ownership.exists() else directory.data_dir
    if owner != directory.data_dir and _is_named_by(owner, directory):
        raise RuntimeFailure(
            f"{directory.data_dir} is a copy of {owner}, and the database of both is the one in {directory.path}. "
            f"Remove {directory.data_dir / MANIFEST_FILE} to start the copy with a database of its own."
        )
    ownership.write_text(str(directory.data_dir))


def _is_named_by(data_dir: Path, directory: DataDirectory) -> bool:
    """Whether the data folder is still there, and its manifest says that this is its directory."""
    try:
        manifest = _read_manifest(data_dir)
    except (OSError, RuntimeFailure):
        return False
    return manifest is not None and Path(manifest.home) == directory.path
