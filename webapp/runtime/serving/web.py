"""The web workers as the supervisor sees them: processes that accept from sockets which it has opened."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from webapp.config import Settings, environment
from webapp.runtime.child import Account, Pause, Program, RuntimeFailure, Step, spawn

BACKLOG = 2048
KERNEL_SPREADS = sys.platform == "linux" and hasattr(socket, "SO_REUSEPORT")
"""Whether the kernel spreads connections over several sockets on one port. Where workers accept from one socket,
whoever wakes first takes all that wait: measured, 4 connections at 2 workers all went to the same one."""
PYTHON = (sys.executable, "-P", "-m")


def listen(settings: Settings) -> list[socket.socket]:
    """The sockets on which the site is to answer, one for each worker where the kernel spreads connections over them.

    They are ours rather than the workers', so that what waits to be accepted outlives a worker.
    """
    host, port = settings.host, settings.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise RuntimeFailure(f"WORKBEE_HOST: {host} is no address of this machine ({error.strerror}).") from None
    family, _, _, _, address = found[0]
    try:
        # Alone on its port: sockets that share would share with another server's too, and not notice.
        alone = _listener(family, address, shared=False)
        if not KERNEL_SPREADS or settings.workers == 1:
            return [alone]
        address = alone.getsockname()
        alone.close()
        return [_listener(family, address, shared=True) for _ in range(settings.workers)]
    except OSError as error:
        raise RuntimeFailure(
            f"Cannot listen on {host} port {port}: {error.strerror}. Choose another with --port or WORKBEE_PORT."
        ) from None


def _listener(family: int, address: Any, *, shared: bool) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def site_address(settings: Settings, listener: socket.socket) -> str:
    """Where a browser on this machine finds the site: by name where it can, since there presenters have hosts of their
    own (`webapp.http.guests`)."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::", "127.0.0.1", "::1"):
        host = "localhost"
    return settings.base_url or f"http://{f'[{host}]' if ':' in host else host}:{port}"


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
