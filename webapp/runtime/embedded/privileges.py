"""As whom the site works, and who may read its files.

Nobody but the one who runs Workbee may read its data folder. Root runs nothing that strangers talk to: web and job
workers run as the unprivileged account that the embedded services have too. It owns uploads and exports; what the
supervisor trusts (the manifest with the passwords, the lock, the logs) stays root's, in a folder that the account may
enter and not write to. The listening sockets are opened before, so that ports below 1024 work.
"""

import logging
import os
import stat
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from webapp.runtime.child import Account, RuntimeFailure
from webapp.runtime.embedded.data_directory import is_reachable, services_account, unprivileged_account

log = logging.getLogger("workbee")

OWNER_ONLY = 0o700
GROUP_ENTERS = 0o710
UPLOADS, EXPORTS = "uploads", "exports"
PACKAGES = ("webapp", "quart", "uvicorn", "asyncpg")
"""Some of what a worker imports: ours and the installed ones may lie in different places."""


def make_private(data_dir: Path) -> None:
    """Make the data folder readable by nobody else; as root, the services' account may pass through it."""
    try:
        data_dir.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
        found = data_dir.stat()
        if found.st_uid != os.getuid() or found.st_mode & stat.S_ISVTX or data_dir == data_dir.parent:
            return  # somebody else's, or everybody's as /tmp is: not for us to close
        account = services_account(data_dir)
        if account is not None and is_reachable(data_dir.parent, account):
            os.chown(data_dir, 0, account.gid)
            data_dir.chmod(GROUP_ENTERS)
        else:
            data_dir.chmod(OWNER_ONLY)
    except OSError as error:
        raise RuntimeFailure(f"The data folder {data_dir} cannot be used: {error.strerror}.") from None


def worker_account(data_dir: Path, services: Account | None) -> Account | None:
    """Whom root's workers run as: the embedded services' account, if there are any; None for the user who runs this.

    Where that account cannot read Workbee itself, workers stay root, and a warning says how to mend that.
    """
    if os.getuid() != 0:
        return None
    account = services or unprivileged_account()
    out_of_reach = next((path for path in _needed(data_dir) if not _may_read(path, account)), None)
    if out_of_reach is not None:
        log.warning(
            "The workers run as root, because the user %s cannot read %s: install Workbee where everybody may read "
            "it, or run it as an ordinary user",
            account.name,
            out_of_reach,
        )
        return None
    for name in (UPLOADS, EXPORTS):
        _give(data_dir / name, account)
    return account


def become(account: Account) -> None:
    """Be this account from now on, for good."""
    os.setgroups([])
    os.setgid(account.gid)
    os.setuid(account.uid)


def _needed(data_dir: Path) -> Iterator[Path]:
    """What a worker has to read."""
    yield data_dir
    yield Path(sys.executable).absolute()
    yield Path(sys.executable).resolve()
    yield Path(os.__file__)
    for name in PACKAGES:
        spec = find_spec(name)
        if spec is not None and spec.origin is not None:
            yield Path(spec.origin)


def _may_read(path: Path, account: Account) -> bool:
    if path.is_dir():
        return is_reachable(path, account)
    return bool(path.stat().st_mode & stat.S_IROTH) and is_reachable(path.parent, account)


def _give(folder: Path, account: Account) -> None:
    """Whatever root has stored until now is the account's."""
    folder.mkdir(mode=OWNER_ONLY, exist_ok=True)
    if folder.lstat().st_uid == account.uid:
        return
    for place, _folders, files in os.walk(folder):
        for path in (Path(place), *(Path(place, name) for name in files)):
            os.chown(path, account.uid, account.gid, follow_symlinks=False)
