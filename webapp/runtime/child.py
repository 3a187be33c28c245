"""A child process with its own log, user and signals, which on Linux never outlives this process."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from webapp.runtime.launch import SpawnSpec

LAUNCHER = Path(__file__).with_name("launch.py")

Pause = Callable[[float], None]
"""Waits for so many seconds; may raise to give up waiting."""


class RuntimeFailure(Exception):
    """Something that the person at the terminal has to know and mend; the text says what."""


@dataclass(frozen=True)
class Account:
    """A user of this machine."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Program:
    """What to run, and how."""

    argv: Sequence[str]
    name: str
    env: Mapping[str, str]
    folder: Path
    account: Account | None = None
    log: Path | None = None
    """Where its output goes; None for this process's own."""
    stdin: str | None = None
    stdout: int | IO[bytes] | None = None
    keep_open: tuple[int, ...] = ()
    """File descriptors that the child inherits."""
    death_signal: signal.Signals = signal.SIGKILL
    """What the child gets when this process dies without stopping it."""
    umask: int = 0o077
    """What it makes is its own, unless told otherwise."""


def spawn(program: Program) -> subprocess.Popen[bytes]:
    """Start the program, in a session of its own, so that the terminal's Ctrl-C reaches its parent alone.

    On Linux the child dies with the thread that calls this, so that must be one that lasts, as the main thread does.
    """
    account = program.account
    spec = SpawnSpec(
        parent=os.getpid(),
        death_signal=int(program.death_signal),
        uid=account.uid if account else None,
        gid=account.gid if account else None,
        folder=str(program.folder),
        umask=program.umask,
    )
    output = _open_log(program.log) if program.log else None
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LAUNCHER), json.dumps(spec), *program.argv],
            env=dict(program.env),
            stdin=subprocess.DEVNULL if program.stdin is None else subprocess.PIPE,
            stdout=program.stdout if program.stdout is not None else output,
            stderr=output,
            pass_fds=program.keep_open,
            start_new_session=True,
        )
    finally:
        if output is not None:
            output.close()
    if process.stdin is not None:
        _feed(process.stdin, program.stdin or "")
    return process


def _feed(pipe: IO[bytes], text: str) -> None:
    """Give the child its input, which is short; one that has died already says why by its exit."""
    try:
        with pipe:
            pipe.write(text.encode())
    except BrokenPipeError:
        pass


def _open_log(path: Path) -> IO[bytes]:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
    except OSError as error:
        raise RuntimeFailure(f"The log {path} cannot be written: {error.strerror}.") from None


def run(program: Program, *, pause: Pause = time.sleep) -> None:
    """Run the program to its end; RuntimeFailure if that is not a good one."""
    process = spawn(program)
    try:
        while process.poll() is None:
            pause(0.01)
    finally:
        if process.poll() is None:
            stop(process, (signal.SIGTERM, 2.0))
    if process.returncode:
        raise RuntimeFailure(f"{program.name} failed ({exit_text(process.returncode)}).{tail(program.log)}")


Step = tuple[signal.Signals, float]
"""A signal, and the seconds to wait after it before the next, firmer one."""


def stop(process: subprocess.Popen[bytes], *steps: Step) -> None:
    """End the process, more and more firmly; at last by SIGKILL."""
    stop_together([(process, steps)])


def stop_together(
    targets: Sequence[tuple[subprocess.Popen[bytes], Sequence[Step]]], hurry: Callable[[], int] = lambda: 0
) -> None:
    """End several processes at the same time. Whenever the number from `hurry` rises, the next step comes at once."""
    endings = [_Ending(process, [*steps, (signal.SIGKILL, 10.0)]) for process, steps in targets]
    pushes = hurry()
    while True:
        pushed = hurry() > pushes
        pushes = hurry()
        endings = [ending for ending in endings if not ending.over(pushed=pushed)]
        if not endings:
            return
        time.sleep(0.01)


@dataclass
class _Ending:
    """A process on its way out."""

    process: subprocess.Popen[bytes]
    steps: list[Step]
    deadline: float = 0.0

    def over(self, *, pushed: bool) -> bool:
        """Whether it has ended, or nothing more can be done; takes the next step when its time has come."""
        if self.process.poll() is not None:
            return True
        if pushed or time.monotonic() >= self.deadline:
            if not self.steps:
                return True
            number, patience = self.steps.pop(0)
            self.process.send_signal(number)
            self.deadline = time.monotonic() + patience
        return False


def exit_text(code: int) -> str:
    """An exit code in words: `status 1`, `killed by SIGKILL`."""
    if code >= 0:
        return f"status {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def tail(log: Path | None, lines: int = 12) -> str:
    """The last lines of a log, for a message."""
    if log is None or not log.exists():
        return ""
    last = log.read_text(errors="replace").splitlines()[-lines:]
    return "\n".join(["", f"The end of {log}:", *(f"  {line}" for line in last)]) if last else ""
