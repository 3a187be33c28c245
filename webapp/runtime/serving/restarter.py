"""Restarts a child that has died, with a back-off that doubles while it dies soon after its start."""

import logging
import subprocess
import time
from typing import Protocol

from webapp.runtime.child import Pause, RuntimeFailure, Step, exit_text

FIRST_DELAY = 0.1
LONGEST_DELAY = 30.0
HEALTHY_AFTER = 60.0
"""A child that ran so long, in seconds, has not died of its start."""

log = logging.getLogger("workbee")


class SupervisedProcess(Protocol):
    """One child of the supervisor."""

    process: subprocess.Popen[bytes] | None

    @property
    def name(self) -> str: ...

    @property
    def stop_steps(self) -> tuple[Step, ...]: ...

    def begin(self, pause: Pause) -> None:
        """Start the child, clearing away what is left of its predecessor."""


class Restarter:
    """Watches one child that has been started."""

    def __init__(self, child: SupervisedProcess) -> None:
        self.child = child
        self._started = time.monotonic()
        self._failures = 0
        self._due: float | None = None

    def poll(self, pause: Pause) -> float | None:
        """Do what is due now. Returns the seconds until something is due again, or None if nothing is."""
        now = time.monotonic()
        process = self.child.process
        if self._due is None and (process is None or process.poll() is not None):
            self._schedule(now, exit_text(process.returncode) if process else "did not start")
        if self._due is None:
            return None
        if now < self._due:
            return self._due - now
        self._due = None
        self._started = now
        try:
            self.child.begin(pause)
        except (RuntimeFailure, OSError) as failure:
            self._schedule(now, str(failure))
        return 0.0

    def _schedule(self, now: float, reason: str) -> None:
        self._failures = 1 if now - self._started > HEALTHY_AFTER else self._failures + 1
        delay = min(FIRST_DELAY * 2 ** (self._failures - 1), LONGEST_DELAY)
        log.warning("%s ended (%s): starting it again in %.1f s", self.child.name, reason, delay)
        self._due = now + delay
