"""The clients written for PYBOSSA, as PyPI has them, in a virtual environment of their own: they want other versions of
libraries than we do."""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

PACKAGES = ("pybossa-client==3.0.0", "pybossa-pbs==3.0.0", "enki==3.0.0")
PATIENCE_S = 600
COMPLETE = ".complete"
"""A half-made environment has no such file, and is made anew."""


class NotInstalled(Exception):
    """PyPI was not reached, or what it has does not go together; the text is pip's."""


def _folder() -> Path:
    """Where the environment is kept between runs, another for each Python and set of packages."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "workbee-clients"
    wanted = "\n".join((sys.version, *PACKAGES))
    return cache / hashlib.sha256(wanted.encode()).hexdigest()[:16]


def programs() -> Path:
    """The folder with `python` and `pbs`; made at first use. Raises NotInstalled."""
    folder = _folder()
    if not (folder / COMPLETE).exists():
        shutil.rmtree(folder, ignore_errors=True)
        _install(folder)
    return folder / "bin"


def _install(folder: Path) -> None:
    venv.create(folder, with_pip=True, symlinks=True)
    command = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-q", "install", *PACKAGES]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
    if done.returncode != 0:
        raise NotInstalled(done.stderr[-2000:])
    (folder / COMPLETE).touch()
