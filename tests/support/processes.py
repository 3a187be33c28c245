"""Processes that tests watch."""

import time
from collections.abc import Callable

import psutil


def is_alive(process: psutil.Process) -> bool:
    """Whether it runs; one may end while it is looked at, and one that nobody has waited for is dead all the same."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def until(condition: Callable[[], bool], seconds: float = 60.0) -> bool:
    """Whether the condition comes to hold within that time. It is asked no more once it does: it may hold for a moment
    only, as that of a process that ends by itself."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
