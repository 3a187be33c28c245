"""Whose processor time and memory is whose: the server's processes and the database's, apart."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of processor time, user and system."""

    server: float
    database: float

    def __sub__(self, earlier: "Spent") -> "Spent":
        return Spent(self.server - earlier.server, self.database - earlier.database)


@dataclass(frozen=True, slots=True)
class Site:
    """A server under measurement: its address, its own processes and those of its database, by their parents."""

    url: str
    server: psutil.Process
    database: psutil.Process

    def spent(self) -> Spent:
        """So far, by all that live and by children that have ended."""
        ours = [process for process in _family(self.server) if not _is_postgres(process)]
        return Spent(sum(map(_seconds, ours)), sum(map(_seconds, _family(self.database))))

    def spent_by_role(self) -> dict[str, float]:
        """So far, by what the processes are for; what has ended counts with its parent."""
        found: defaultdict[str, float] = defaultdict(float)
        for process in _family(self.server):
            if not _is_postgres(process):
                found[_role(process)] += _seconds(process)
        found["PostgreSQL"] = sum(map(_seconds, _family(self.database)))
        return dict(found)

    def workers(self) -> list[psutil.Process]:
        """The processes that answer requests."""
        return [p for p in _family(self.server) if any("web_worker" in word for word in _command(p))]

    def memory(self) -> dict[str, float]:
        """MiB that each process of ours and the database's have to themselves or share (RSS; PSS for PostgreSQL)."""
        found = {}
        for process in _family(self.server):
            if not _is_postgres(process) and (resident := _resident(process)):
                found[f"{_role(process)} ({process.pid})"] = resident
        found["PostgreSQL, all"] = sum(map(_proportional, _family(self.database)))
        return found


def exact_seconds(pid: int) -> float:
    """Processor time of a process with one thread, to the microsecond; 0 if it is gone. Linux alone tells it."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except FileNotFoundError:
        return 0.0


def site_of(url: str, pid: int) -> Site:
    """A Workbee that this process started, its embedded PostgreSQL with it."""
    parent = psutil.Process(pid)
    postmaster = next(p for p in parent.children(recursive=True) if p.name().startswith("postgres"))
    return Site(url, parent, postmaster)


def _is_postgres(process: psutil.Process) -> bool:
    try:
        return process.name().startswith("postgres")
    except psutil.NoSuchProcess:
        return True


def _family(parent: psutil.Process) -> list[psutil.Process]:
    return [parent, *parent.children(recursive=True)]


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.NoSuchProcess:
        return []


ROLES = {"web_worker": "web worker", "valkey": "Valkey", "worker": "job worker", "up": "supervisor"}


def _role(process: psutil.Process) -> str:
    words = " ".join(_command(process))
    return next((role for mark, role in ROLES.items() if mark in words), "other")


def _resident(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 2**20
    except psutil.NoSuchProcess:
        return 0.0


def _proportional(process: psutil.Process) -> float:
    """Shared memory counted once over all that share it."""
    try:
        return float(process.memory_full_info().pss) / 2**20
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0.0
