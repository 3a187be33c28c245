"""Ends orphans: servers of an earlier run that outlived a supervisor killed without warning.

They are known by the folder in which they work, which is theirs alone, never by a process id noted down, which may mean
another process by now. Only the holder of the data folder's lock may call this.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from webapp.runtime.child import Pause

KILL_PATIENCE = 5.0


def stop_orphans(
    folder: Path, program: str, gentle: signal.Signals, *, patience: float, pause: Pause = time.sleep
) -> int:
    """Stop every process of the program that works in the folder: gently at first. Returns how many there were."""
    found = list(_working_in(folder, program))
    pids = {process.pid for process in found}
    for process in found:
        # A server's own children end with it, and take the same signal for something else.
        if _parent(process) not in pids:
            _send(process, gentle)
    deadline = time.monotonic() + patience
    while (found := _still_there(found)) and time.monotonic() < deadline:
        pause(0.02)
    for process in found:
        _send(process, signal.SIGKILL)
    deadline = time.monotonic() + KILL_PATIENCE
    while (found := _still_there(found)) and time.monotonic() < deadline:
        pause(0.02)
    return len(pids)


def is_working(pid: int, folder: Path, program: str) -> bool:
    """Whether the process is the program, at work in the folder."""
    try:
        return _matches(psutil.Process(pid), folder.resolve(), program)
    except psutil.Error:
        return False


def _working_in(folder: Path, program: str) -> Iterator[psutil.Process]:
    folder = folder.resolve()
    for process in psutil.process_iter():
        try:
            if _matches(process, folder, program):
                yield process
        except (psutil.Error, OSError):
            continue


def _matches(process: psutil.Process, folder: Path, program: str) -> bool:
    # A program whose file was replaced by an update is shown as "/path/name (deleted)".
    executable = Path(process.exe().removesuffix(" (deleted)"))
    return executable.name == program and Path(process.cwd()) == folder


def _still_there(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that have not ended; one may do so while it is looked at."""
    there = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                there.append(process)
    return there


def _parent(process: psutil.Process) -> int:
    try:
        return process.ppid()
    except psutil.Error:
        return 0


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.Error:
        return
