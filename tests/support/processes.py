"""Processes that tests watch."""

import psutil


def is_alive(process: psutil.Process) -> bool:
    """Whether it runs; one may end while it is looked at, and one that nobody has waited for is dead all the same."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
