"""The web workers and the job worker as the supervisor sees them: processes that it starts and stops."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from webapp.config import Settings, environment
from webapp.runtime.child import Account, Pause, Program, Step, spawn

PYTHON = (sys.executable, "-P", "-m")


class WebWorker:
    """One process that answers requests."""

    stop_steps: tuple[Step, ...] = ((signal.SIGTERM, 8.0),)

    def __init__(
        self, number: int, settings: Settings, listener: socket.socket, account: Account | None = None
    ) -> None:
        self.name = f"Web worker {number}"
        self._number = number
        self.process: subprocess.Popen[bytes] | None = None
        self._settings = settings
        self._listener = listener
        self._account = account
        self._ready_pipe: int | None = None
        """Our end of the pipe by which the worker says that it accepts requests."""

    def begin(self, pause: Pause) -> None:
        """Start the process without waiting for it."""
        self._close_ready_pipe()
        self._ready_pipe, theirs = os.pipe()
        os.set_blocking(self._ready_pipe, False)
        listener = self._listener.fileno()
        arguments = ["--listener", str(listener), "--ready-pipe", str(theirs), "--number", str(self._number)]
        try:
            self.process = spawn(
                Program(
                    argv=[*PYTHON, "webapp.runtime.serving.web_worker", *arguments],
                    name=self.name,
                    env=environment(self._settings),
                    folder=_working_folder(self._settings, self._account),
                    account=self._account,
                    keep_open=(listener, theirs),
                )
            )
        finally:
            os.close(theirs)

    def ready(self) -> bool:
        """Whether the worker accepts requests."""
        if self._ready_pipe is None:
            return True
        try:
            said = os.read(self._ready_pipe, 1)
        except BlockingIOError:
            return False
        if said:
            self._close_ready_pipe()
        return bool(said)

    def _close_ready_pipe(self) -> None:
        if self._ready_pipe is not None:
            os.close(self._ready_pipe)
            self._ready_pipe = None


class JobWorker:
    """The process that does background jobs."""

    name = "Job worker"
    stop_steps: tuple[Step, ...] = ((signal.SIGTERM, 10.0),)

    def __init__(self, settings: Settings, account: Account | None = None) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self._settings = settings
        self._account = account

    def begin(self, pause: Pause) -> None:
        """Start the process."""
        self.process = spawn(command(self._settings, "worker", account=self._account))


def command(settings: Settings, *words: str, account: Account | None = None) -> Program:
    """One of Workbee's own commands, with these settings, to be run as a child."""
    return Program(
        argv=[*PYTHON, "webapp.cli", *words],
        name=f"workbee {' '.join(words)}",
        env=environment(settings),
        folder=_working_folder(settings, account),
        account=account,
    )


def _working_folder(settings: Settings, account: Account | None) -> Path:
    """Where the person at the terminal is, which another account may not be able to enter."""
    return Path.cwd() if account is None else settings.data_dir
