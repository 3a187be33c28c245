"""Several machines on one: a host for PostgreSQL and Valkey, and web hosts before it.

Each web host is a network namespace of its own, reached over a bridge, with a data folder of its own, and may be held
to a share of a processor core by the kernel (cgroup quotas). The bridge's own address is the database host's. These are
addresses of this machine's own namespaces; nothing leaves it.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import psutil
import redis
from sqlalchemy import make_url

from benchmarks.support.processes import Site
from db import upgrade
from db.pooler import entries
from tests.support import pgbouncer
from tests.support.server import START_PATIENCE, STOP_PATIENCE, UNHURRIED, NotStarted
from tests.support.services import TEST_SECRET
from webapp.config import STATEMENT_SECONDS
from webapp.config_parsing import PREFIX
from webapp.runtime.embedded.data_directory import DataDirectory, open_data_directory
from webapp.runtime.embedded.postgres import DATABASE, SUPERUSER, Postgres
from webapp.runtime.embedded.privileges import make_private
from webapp.runtime.embedded.valkey import Valkey

NETWORK = "10.77.7"
GATEWAY = f"{NETWORK}.1"
"""The database host's address."""
WEB_PORT, REDIS_PORT, POOLER_PORT = 5000, 6379, 6432
PERIOD_US = 20_000
"""Of quotas: short, so that who has used up a share waits for milliseconds."""
CGROUPS = Path("/sys/fs/cgroup")


class Unsupported(Exception):
    """This machine does not let us make hosts; the text says why."""


@dataclass(frozen=True, slots=True)
class Host:
    """A network namespace and a group of processes."""

    name: str
    address: str
    link: str
    """The bridge's end of its cable."""
    group: Path

    def limit(self, cores: float | None) -> None:
        """Let its processes together use this many cores; None for as many as there are."""
        if (self.group / "cpu.max").exists():
            quota = "max" if cores is None else str(round(cores * PERIOD_US))
            (self.group / "cpu.max").write_text(f"{quota} {PERIOD_US}")
            return
        (self.group / "cpu.cfs_quota_us").write_text("-1")
        (self.group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
        if cores is not None:
            (self.group / "cpu.cfs_quota_us").write_text(str(round(cores * PERIOD_US)))

    def plug(self, *, in_: bool) -> None:
        """Plug its cable in or pull it out."""
        _ip("link", "set", self.link, "up" if in_ else "down")

    def command(self, argv: Sequence[str]) -> list[str]:
        """The command on this host, as a process of the same id."""
        join = 'echo $$ > "$0/cgroup.procs" && exec ip netns exec "$@"'
        return ["sh", "-c", join, str(self.group), self.name, *argv]


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unsupported(f"ip {' '.join(words)}: {done.stderr.strip()}")


def _new_group(name: str) -> Path:
    """A control group whose processor time can be limited, of either version."""
    for root in (CGROUPS / "cpu", CGROUPS):
        group = root / name
        try:
            if root == CGROUPS:
                (root / "cgroup.subtree_control").write_text("+cpu")
            group.mkdir()
        except OSError:
            continue
        if (group / "cpu.cfs_quota_us").exists() or (group / "cpu.max").exists():
            return group
        group.rmdir()
    raise Unsupported("no control group of ours can have its processor time limited")


@contextmanager
def hosts(number: int) -> Iterator[list[Host]]:
    """So many hosts on a network with this machine, which is `GATEWAY` there. Raises Unsupported."""
    if sys.platform != "linux" or os.getuid() != 0 or shutil.which("ip") is None:
        raise Unsupported("network namespaces take Linux, root and the command ip (iproute2)")
    mark = f"wb{os.getpid()}"
    bridge = f"{mark}br"[:15]
    with ExitStack() as undo:
        _ip("link", "add", bridge, "type", "bridge")
        undo.callback(_ip, "link", "del", bridge)
        _ip("addr", "add", f"{GATEWAY}/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        yield [_host(mark, bridge, place, undo) for place in range(1, number + 1)]


def _host(mark: str, bridge: str, place: int, undo: ExitStack) -> Host:
    name, link, inside = f"{mark}-{place}", f"{mark}v{place}", f"{mark}p{place}"
    host = Host(name, f"{NETWORK}.{10 + place}", link, _new_group(name))
    undo.callback(host.group.rmdir)
    _ip("netns", "add", name)
    undo.callback(_ip, "netns", "del", name)
    _ip("link", "add", link, "type", "veth", "peer", "name", inside, "netns", name)
    _ip("link", "set", link, "master", bridge, "up")
    _ip("-n", name, "addr", "add", f"{host.address}/24", "dev", inside)
    _ip("-n", name, "link", "set", inside, "up")
    _ip("-n", name, "link", "set", "lo", "up")
    return host


@dataclass(frozen=True, slots=True)
class Backend:
    """What all web hosts stand on."""

    database_url: str
    superuser_url: str
    redis_url: str
    postmaster: int
    directory: DataDirectory
    pooler_url: str | None = None
    """Of a PgBouncer before the database, if web hosts are to use one."""


@contextmanager
def backend(folder: Path, connections: int) -> Iterator[Backend]:
    """PostgreSQL, which allows so many connections, and Valkey, at `GATEWAY`, the schema up to date."""
    make_private(folder)
    directory = open_data_directory(folder)
    access = directory.path / "hba.conf"
    access.write_text(f"local all all scram-sha-256\nhost all all {NETWORK}.0/24 scram-sha-256\n")
    options = {"listen_addresses": GATEWAY, "hba_file": str(access), "max_connections": str(connections)}
    postgres, valkey = Postgres(directory, options), Valkey(directory)
    try:
        postgres.start()
        valkey.start()
        with redis.Redis.from_url(valkey.url) as client:
            client.config_set("bind", GATEWAY)
            client.config_set("port", REDIS_PORT)
        assert postgres.process is not None
        yield Backend(
            make_url(postgres.url).set(host=GATEWAY, query={}).render_as_string(hide_password=False),
            postgres.superuser_url.replace(f"/{SUPERUSER}?", f"/{DATABASE}?"),
            f"redis://:{directory.manifest.redis_password}@{GATEWAY}:{REDIS_PORT}/0",
            postgres.process.pid,
            directory,
        )
    finally:
        valkey.stop()
        postgres.stop()
        directory.discard()


@contextmanager
def pooled(behind: Backend, pool_size: int) -> Iterator[Backend]:
    """The same with PgBouncer in transaction mode, beside PostgreSQL, with twice so many connections to it."""
    url = pgbouncer.pooler_url(behind.database_url, GATEWAY, POOLER_PORT)
    lines = entries(url, behind.database_url, STATEMENT_SECONDS)
    with pgbouncer.running_pgbouncer(behind.directory, url, lines, pool_size=pool_size):
        yield replace(behind, pooler_url=url)


async def migrated(behind: Backend) -> None:
    """Bring the schema up to date."""
    await upgrade.upgrade(behind.database_url)


@dataclass(frozen=True, slots=True)
class WebHost:
    """A host that answers requests."""

    host: Host
    site: Site
    supervisor: int
    log: Path


def settings(behind: Backend, variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of each process of the site."""
    ours = {"DATABASE_URL": behind.database_url, "REDIS_URL": behind.redis_url, "SECRET_KEY": TEST_SECRET}
    if behind.pooler_url:
        ours["POOLER_URL"] = behind.pooler_url
    outside = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return outside | {PREFIX + name: value for name, value in (UNHURRIED | ours | dict(variables)).items()}


@contextmanager
def web_host(host: Host, behind: Backend, variables: Mapping[str, str]) -> Iterator[WebHost]:
    """`workbee serve` on this host, with a data folder of its own. Raises NotStarted."""
    with _process(["serve", "--host", host.address, "--port", str(WEB_PORT)], behind, variables, host) as (
        process,
        log,
    ):
        url = f"http://{host.address}:{WEB_PORT}"
        _wait_until_it_answers(url, process, log)
        site = Site(url, psutil.Process(process.pid), psutil.Process(behind.postmaster))
        yield WebHost(host, site, process.pid, log)


@contextmanager
def job_worker(behind: Backend, variables: Mapping[str, str]) -> Iterator[None]:
    """`workbee worker`, on the database's host."""
    with _process(["worker"], behind, variables, None):
        yield


@contextmanager
def _process(
    words: Sequence[str], behind: Backend, variables: Mapping[str, str], host: Host | None
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    argv = [sys.executable, "-m", "webapp.cli", *words]
    with tempfile.TemporaryDirectory(prefix="workbee-host-") as folder:
        log = Path(folder) / "server.log"
        environment = settings(behind, {**variables, "DATA_DIR": folder})
        with log.open("wb") as output:
            process = subprocess.Popen(
                host.command(argv) if host else argv, env=environment, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            yield process, log
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/readyz").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise NotStarted(log.read_text(errors="replace")[-4000:])
