"""The embedded Redis: Valkey, reached through a Unix socket in a private folder, by password, its data in a journal.

It holds what may be lost without harm (limits, caches, wake-up calls), so a journal that cannot be read any more, as
after a power failure, is put aside rather than keeping the site down.
"""

import signal
import socket
import subprocess
import time
from urllib.parse import quote

from webapp.runtime.child import Pause, Program, RuntimeFailure, exit_text, spawn, stop, tail
from webapp.runtime.embedded.data_directory import DataDirectory
from webapp.runtime.embedded.orphans import stop_orphans
from webapp.runtime.embedded.programs import valkey_server

STOP_PATIENCE = 10.0
READY_PATIENCE = 60.0
PROGRAM = "valkey-server"
BROKEN_JOURNAL = "append only file"
"""What the log speaks of when the journal is the reason."""


class Valkey:
    """One embedded server. `start` and `stop` may be called again and again, by one process at a time."""

    name = "Valkey"
    stop_steps = ((signal.SIGTERM, STOP_PATIENCE),)

    def __init__(self, directory: DataDirectory) -> None:
        self.directory = directory
        self.data = directory.path / "valkey"
        self.socket = directory.run / "valkey.sock"
        self.log = directory.logs / "valkey.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for Redis clients."""
        return f"unix://:{quote(self.directory.manifest.redis_password)}@{quote(str(self.socket))}?db=0"

    def start(self, pause: Pause = time.sleep) -> None:
        """Start the server; returns when it answers."""
        self.begin(pause)
        self.wait_until_ready(pause)

    def begin(self, pause: Pause = time.sleep) -> None:
        """Start the server without waiting for it."""
        self._prepare_log()
        # Two servers on one journal would destroy it, and the second takes the socket away from the first unasked.
        stop_orphans(self.data, PROGRAM, signal.SIGTERM, patience=STOP_PATIENCE, pause=pause)
        self.directory.make(self.data)
        self.process = spawn(
            Program(
                # The settings come by the standard input, since everybody may read a process's arguments.
                argv=[str(valkey_server(self.directory)), "-"],
                name="Valkey",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
                folder=self.data,
                account=self.directory.account,
                log=self.log,
                stdin=self._settings(),
                death_signal=signal.SIGTERM,
                umask=0o077,
            )
        )

    def wait_until_ready(self, pause: Pause = time.sleep) -> None:
        """Wait until the server answers, having put a broken journal aside if it must."""
        try:
            self._wait(pause)
        except RuntimeFailure:
            if self.process is None or self.process.poll() is None or BROKEN_JOURNAL not in tail(self.log, 30).lower():
                raise
            self.data.replace(self.data.with_name(f"valkey.broken-{time.time():.0f}"))
            self.begin(pause)
            self._wait(pause)

    def ready(self) -> bool:
        """Whether a server answers at the socket, whoever started it, and has read its journal."""
        password = self.directory.manifest.redis_password
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1.0)
                connection.connect(str(self.socket))
                connection.sendall(f"AUTH {password}\r\nPING\r\nQUIT\r\n".encode())
                with connection.makefile("rb") as answers:
                    return b"+PONG\r\n" in answers.readlines()
        except OSError:
            return False

    def stop(self) -> None:
        """Stop the server; it writes its journal first."""
        if self.process is not None:
            stop(self.process, *self.stop_steps)
            self.process = None

    def _wait(self, pause: Pause) -> None:
        deadline = time.monotonic() + READY_PATIENCE
        while not self.ready():
            code = self.process.poll() if self.process else 0
            if code is not None:
                raise RuntimeFailure(f"Valkey did not start ({exit_text(code)}).{tail(self.log)}")
            if time.monotonic() > deadline:
                raise RuntimeFailure(f"Valkey is not ready after {READY_PATIENCE:.0f} s.{tail(self.log)}")
            pause(0.01)

    def _settings(self) -> str:
        values = {
            "port": "0",
            "unixsocket": f'"{self.socket}"',
            "unixsocketperm": "700",
            "requirepass": self.directory.manifest.redis_password,
            "dir": f'"{self.data}"',
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "databases": "4",
            "daemonize": "no",
            "enable-debug-command": "no",
            "enable-module-command": "no",
        }
        return "".join(f"{name} {value}\n" for name, value in values.items())

    def _prepare_log(self) -> None:
        """A log of this start alone: an older journal's troubles must not be taken for those of this one."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.1"))
