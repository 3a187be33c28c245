"""Turns this process into a service that dies with the one that started it.

Run by path with a bare interpreter (`python -I -S launch.py SPEC argv…`), where SPEC is the JSON of `SpawnSpec`. It
stands between the supervisor and each of its children, because what it does must happen in the child before its program
starts, and in a process without threads: default signals, another user, the tie to the parent's life.
"""

import ctypes
import json
import os
import signal
import sys
from typing import TypedDict

PR_SET_PDEATHSIG = 1


class SpawnSpec(TypedDict):
    """What the parent decides about its child."""

    parent: int
    """The parent's process id."""
    death_signal: int
    """The signal that the child gets when its parent has died; Linux alone sends it."""
    uid: int | None
    """The user to become, with `gid`; None to stay the same."""
    gid: int | None
    folder: str
    """The working folder."""
    umask: int


def launch(spec: SpawnSpec, argv: list[str]) -> None:
    """Become the program `argv`."""
    _restore_signals()
    # The library is looked up before the user changes, who may not be able to read the interpreter's files.
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    os.umask(spec["umask"])
    if spec["uid"] is not None and spec["gid"] is not None:
        os.setgroups([])
        os.setgid(spec["gid"])
        os.setuid(spec["uid"])
    os.chdir(spec["folder"])
    # A change of user forgets the parent-death signal, so that comes after it.
    if libc is not None and libc.prctl(PR_SET_PDEATHSIG, spec["death_signal"], 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != spec["parent"]:
        sys.exit("the parent died before its child was ready")
    os.execv(argv[0], argv)


def _restore_signals() -> None:
    """A child starts with default signals: the parent may ignore some, as programs in a shell's background do."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP, signal.SIGPIPE, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


if __name__ == "__main__":
    launch(json.loads(sys.argv[1]), sys.argv[2:])
