"""Turns this process into a service that dies with the one that started it.

Run by path with a bare interpreter (`python -I -S launch.py ORDER argv…`), where ORDER is the JSON of `SpawnSpec`. It
stands between the supervisor and each of its children, because what it does must happen in the child before its program
starts, and in a process without threads: default signals, another user, the tie to the parent's life.
"""

import ctypes
import json
import os
import select
import signal
import sys
from typing import TypedDict

PR_SET_PDEATHSIG = 1
WATCH_INTERVAL = 1.0


class SpawnSpec(TypedDict):
    """What the parent decides about its child."""

    parent: int
    """The parent's process id."""
    death_signal: int
    """The signal that the child gets when its parent has died."""
    uid: int | None
    """The user to become, with `gid`; None to stay the same."""
    gid: int | None
    folder: str
    """The working folder."""
    umask: int
    watch: int | None
    """The end of a pipe that closes when the parent dies, where the kernel has no parent-death signal."""


def launch(order: SpawnSpec, argv: list[str]) -> None:
    """Become the program `argv`."""
    _restore_signals()
    # The library is looked up before the user changes, who may not be able to read the interpreter's files.
    libc = ctypes.CDLL(None, use_errno=True) if order["watch"] is None else None
    os.umask(order["umask"])
    if order["uid"] is not None and order["gid"] is not None:
        os.setgroups([])
        os.setgid(order["gid"])
        os.setuid(order["uid"])
    os.chdir(order["folder"])
    # A change of user forgets the parent-death signal, so that comes after it.
    if libc is not None:
        if libc.prctl(PR_SET_PDEATHSIG, order["death_signal"], 0, 0, 0):
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    elif order["watch"] is not None:
        _watch_parent(order["watch"], order["death_signal"])
    if os.getppid() != order["parent"]:
        sys.exit("the parent died before its child was ready")
    os.execv(argv[0], argv)


def _restore_signals() -> None:
    """A child starts with default signals: the parent may ignore some, as programs in a shell's background do."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP, signal.SIGPIPE, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _watch_parent(pipe: int, death_signal: int) -> None:
    """Leave a watcher behind, nobody's child, that signals this process when the pipe closes and ends when it ends."""
    target = os.getpid()
    middle = os.fork()
    if middle:
        os.waitpid(middle, 0)
        os.close(pipe)
        return
    if os.fork():
        os._exit(0)
    os.setsid()
    _keep_only(pipe)
    while _alive(target):
        if select.select([pipe], [], [], WATCH_INTERVAL)[0]:
            os.kill(target, death_signal)
            break
    os._exit(0)


def _keep_only(pipe: int) -> None:
    """Let go of everything else that is open: the terminal, logs, listening sockets."""
    devnull = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(devnull, descriptor)
    os.closerange(3, pipe)
    os.closerange(pipe + 1, os.sysconf("SC_OPEN_MAX"))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    launch(json.loads(sys.argv[1]), sys.argv[2:])
