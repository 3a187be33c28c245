"""Checks of the scripts in webapp/static/js, by the development packages of package.json.

`python -m tests.support.scripts check` has types and lint.
"""

import os
import subprocess
import sys
from collections.abc import Callable

from webapp.http.assets import STATIC_DIR
from webapp.runtime.assets import MODULES_DIR, PROJECT_DIR, ensure_development_packages, node_program

SCRIPTS_DIR = STATIC_DIR / "js"


def check() -> None:
    """Types, then lint."""
    _run_node(str(MODULES_DIR / "typescript" / "bin" / "tsc"))
    _run_node(str(MODULES_DIR / "oxlint" / "bin" / "oxlint"), str(SCRIPTS_DIR))


def install() -> None:
    """The packages alone, which `check` installs as well."""


def _run_node(*arguments: str) -> None:
    node = node_program()
    # Programs that it starts look for Node by its name.
    path = os.pathsep.join([str(node.parent), os.environ["PATH"]])
    done = subprocess.run([node, *arguments], cwd=PROJECT_DIR, env=os.environ | {"PATH": path}, check=False)
    if done.returncode:
        sys.exit(done.returncode)


COMMANDS: dict[str, Callable[[], None]] = {"install": install, "check": check}

if __name__ == "__main__":
    ensure_development_packages()
    COMMANDS[sys.argv[1]]()
