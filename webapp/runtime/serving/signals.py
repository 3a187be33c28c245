"""Waiting that ends when somebody wants this process to stop, or when a child has ended."""

import os
import select
import signal
from types import FrameType, TracebackType
from typing import Self

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Somebody wants this process to stop. Not an Exception, so that nothing on the way takes it for a failure."""


class Signals:
    """Handles this process's signals while the block runs.

    Interrupts and hang-ups are handled even if they were ignored at start, as shells do for what they start in the
    background, except for a hang-up that `nohup` wants ignored.
    """

    def __init__(self, *, with_parent: bool = False) -> None:
        self.requests = 0
        """How often this process was asked to stop."""
        self.stopping = False
        """Whether `pause` goes on although a stop was requested, because stopping is what goes on."""
        self._parent = os.getppid() if with_parent else None
        self._ends = (0, 0)
        self._wakeup_before = -1

    def __enter__(self) -> Self:
        self._ends = os.pipe()
        for end in self._ends:
            os.set_blocking(end, False)
        self._wakeup_before = signal.set_wakeup_fd(self._ends[1], warn_on_full_buffer=False)
        for number in STOPPING:
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue
            signal.signal(number, self._count)
        signal.signal(signal.SIGCHLD, _nothing)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(self._wakeup_before)
        for number in (*STOPPING, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        for end in self._ends:
            os.close(end)

    def pause(self, seconds: float) -> None:
        """Wait so long, or until a signal arrives. Raises StopRequested if this process is asked to stop."""
        if self._parent not in (None, os.getppid()) and not self.requests:
            self.requests += 1  # the parent has died
        self._check()
        if select.select([self._ends[0]], [], [], max(0.0, seconds))[0]:
            os.read(self._ends[0], 512)
        self._check()

    def _check(self) -> None:
        if self.requests and not self.stopping:
            self.stopping = True
            raise StopRequested

    def _count(self, number: int, frame: FrameType | None) -> None:
        self.requests += 1


def _nothing(number: int, frame: FrameType | None) -> None:
    """A handler is needed for the signal to wake `pause`."""
