"""Checks and unit tests of the scripts in webapp/static/js, by the development packages of package.json.

`python -m tests.support.scripts check` has types and lint; `… test` runs what is in tests/static, or the files named.
"""

import os
import subprocess
import sys
from collections.abc import Callable

from webapp.http.assets import STATIC_DIR
from webapp.runtime.assets import MODULES_DIR, ensure_development_packages, node_program
from webapp.runtime.built_assets import PROJECT_DIR

SCRIPTS_DIR = STATIC_DIR / "js"
TESTS_DIR = PROJECT_DIR / "tests" / "static"


def check() -> None:
    """Types, then lint. Of types there are two sets: what runs in a browser must not know Node's."""
    for project in (PROJECT_DIR, TESTS_DIR):
        _run_node(str(MODULES_DIR / "typescript" / "bin" / "tsc"), "--project", str(project))
    _run_node(str(MODULES_DIR / "oxlint" / "bin" / "oxlint"), str(SCRIPTS_DIR), str(TESTS_DIR))


def test(*names: str) -> None:
    """Node finds files by patterns in some of its versions only: it is given them by name."""
    files = names or sorted(str(path.relative_to(PROJECT_DIR)) for path in TESTS_DIR.rglob("*.test.js"))
    _run_node("--test", "--test-reporter=spec", *files)


def install() -> None:
    """The packages alone, which `check` and `test` install as well."""


def _run_node(*arguments: str) -> None:
    node = node_program()
    # Programs that it starts look for Node by its name.
    path = os.pathsep.join([str(node.parent), os.environ["PATH"]])
    done = subprocess.run([node, *arguments], cwd=PROJECT_DIR, env=os.environ | {"PATH": path}, check=False)
    if done.returncode:
        sys.exit(done.returncode)


COMMANDS: dict[str, Callable[..., None]] = {"install": install, "check": check, "test": test}

if __name__ == "__main__":
    ensure_development_packages()
    COMMANDS[sys.argv[1]](*sys.argv[2:])
