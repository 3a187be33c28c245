"""A real PgBouncer in transaction mode, where the machine has one."""

import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from webapp.runtime.child import Program, spawn, stop
from webapp.runtime.embedded.data_directory import DataDirectory

OLDEST = (1, 21)
"""The first version through which named statements go in transaction mode."""
PATIENCE = 10.0


def missing() -> str | None:
    """Why there is no PgBouncer here that would do; None if there is."""
    program = shutil.which("pgbouncer")
    if program is None:
        return "there is no pgbouncer here"
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"PgBouncer (\d+)\.(\d+)", told)
    if found is None or (int(found[1]), int(found[2])) < OLDEST:
        return f"{told.splitlines()[0] if told else program} is older than {'.'.join(map(str, OLDEST))}"
    return None


def pooler_url(database_url: str, host: str = "127.0.0.1", port: int | None = None) -> str:
    """The address that a pooler before this database is to have; at a free port unless told."""
    if port is None:
        with socket.create_server((host, 0)) as free:
            port = free.getsockname()[1]
    return make_url(database_url).set(host=host, port=port, query={}).render_as_string(hide_password=False)


@contextmanager
def running_pgbouncer(
    directory: DataDirectory, url: str, entries: Mapping[str, str], *, pool_size: int
) -> Iterator[None]:
    """PgBouncer at this address, beside the services of the directory, with these entries of so many connections."""
    address = make_url(url)
    folder = directory.make(directory.path / "pooler")
    users = folder / "users.txt"
    users.write_text(f'"{address.username}" "{address.password}"\n')
    options = {
        "listen_addr": address.host,
        "listen_port": address.port,
        "unix_socket_dir": "",
        "auth_type": "scram-sha-256",
        "auth_file": users,
        "pool_mode": "transaction",
        "max_prepared_statements": 1000,
        "default_pool_size": pool_size,
        "max_client_conn": 1000,
    }
    lines = ["[databases]", *(f"{name} = {entry}" for name, entry in entries.items())]
    lines += ["[pgbouncer]", *(f"{name} = {value}" for name, value in options.items())]
    ini = folder / "pgbouncer.ini"
    ini.write_text("\n".join([*lines, ""]))
    for file in (users, ini):
        file.chmod(0o644)
    program = shutil.which("pgbouncer")
    assert program is not None
    log = directory.logs / "pgbouncer.log"
    environment = {"PATH": "/usr/bin:/bin"}
    process = spawn(Program([program, str(ini)], "PgBouncer", environment, folder, account=directory.account, log=log))
    try:
        _wait_until_it_answers(str(address.host), int(address.port or 0), process, log)
        yield
    finally:
        stop(process, (signal.SIGINT, PATIENCE))


def _wait_until_it_answers(host: str, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((host, port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PgBouncer did not start: {log.read_text()[-2000:]}")
