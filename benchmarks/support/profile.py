"""Where the time goes: py-spy on a web worker, pg_stat_statements (statements inside functions too) in the database."""

import asyncio
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psutil

from benchmarks.support.report import Report
from tests.support.server import RunningServer, running_server
from webapp.runtime.embedded.data_directory import open_data_directory
from webapp.runtime.embedded.postgres import Postgres

ROWS = 40
SAMPLES_A_SECOND = 400
SETTINGS_OF_POSTGRES = {
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track": "all",
    "pg_stat_statements.track_planning": "on",
    "track_functions": "all",
}
_STATEMENTS = """
SELECT calls, total_exec_time AS ms, total_plan_time AS planning, toplevel, shared_blks_hit, wal_bytes, query
FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = $1)
ORDER BY total_exec_time + total_plan_time DESC LIMIT $2"""


@contextmanager
def observed_server(data_dir: Path, settings: Mapping[str, str] = SETTINGS_OF_POSTGRES) -> Iterator[RunningServer]:
    """A whole Workbee whose database keeps statistics of statements: `settings` need a second start."""
    with running_server(data_dir):
        asyncio.run(_set(superuser_url(data_dir), settings))
    with running_server(data_dir) as server:
        yield server
        asyncio.run(_set(superuser_url(data_dir), dict.fromkeys(settings)))


def superuser_url(data_dir: Path, database: str = "postgres") -> str:
    """The embedded database of this folder, for who may change its settings."""
    return Postgres(open_data_directory(data_dir)).superuser_url.replace("/postgres?", f"/{database}?")


async def _set(url: str, settings: Mapping[str, str | None]) -> None:
    connection = await asyncpg.connect(url)
    for name, value in settings.items():
        await connection.execute(
            f"ALTER SYSTEM RESET {name}" if value is None else f"ALTER SYSTEM SET {name} = '{value}'"
        )
    await connection.close()


async def statements_begin(url: str) -> None:
    """Forget what was counted so far."""
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    await connection.execute("SELECT pg_stat_statements_reset()")
    await connection.close()


async def statements(url: str, database: str, units: int, report: Report) -> None:
    """The dearest statements since `statements_begin`; `units` is how many pairs or requests they served."""
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(_STATEMENTS, database, ROWS)
    await connection.close()
    report.text("\nStatements, elapsed µs a unit (those of a function are in the function's call as well):\n")
    report.header(
        "calls a unit", "µs a unit", "of it planning", "WAL bytes", "blocks", "inside a function", "statement"
    )
    for row in rows:
        words = re.sub(r"\s+", " ", row["query"]).replace("|", "\\|")[:150]
        calls, total, planning = row["calls"] / units, row["ms"] + row["planning"], row["planning"]
        times = [f"{calls:.2f}", f"{1000 * total / units:.0f}", f"{1000 * planning / units:.0f}"]
        pages = [f"{int(row['wal_bytes']) / units:.0f}", f"{row['shared_blks_hit'] / units:.1f}"]
        report.row([*times, *pages, "" if row["toplevel"] else "yes", words])


async def sampled(worker: psutil.Process, seconds: float) -> list[tuple[list[str], int]]:
    """Stacks of a worker over so many seconds, outermost first, with how often each was seen."""
    spy = Path(sys.executable).parent / "py-spy"
    options = ["--format", "raw", "--function", "--rate", str(SAMPLES_A_SECOND), "--duration", f"{seconds:.0f}"]
    process = await asyncio.create_subprocess_exec(
        str(spy), "record", "--pid", str(worker.pid), *options, "--output", "/dev/stdout",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, complaint = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"py-spy: {complaint.decode()}")
    found = []
    for line in out.decode().splitlines():
        stack, _, count = line.rpartition(" ")
        if stack and count.isdigit():
            found.append((stack.split(";"), int(count)))
    return found


def functions(stacks: list[tuple[list[str], int]], server_ms: float, report: Report) -> None:
    """The functions in which a worker's time goes: in themselves, and with what they call."""
    total = sum(count for _, count in stacks) or 1
    alone: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for stack, count in stacks:
        alone[stack[-1]] += count
        whole.update(dict.fromkeys(stack, count))
    for title, counted in (("in itself", alone), ("with what it calls", whole)):
        report.text(f"\nPython of a web worker, {title}; µs a unit are shares of the server's CPU:\n")
        report.header("share", "µs a unit", "function")
        for name, count in counted.most_common(ROWS if counted is alone else 2 * ROWS):
            report.row([f"{100 * count / total:.1f} %", f"{1000 * server_ms * count / total:.0f}", name])
