"""`workbee up`: everything starts, is kept running, and stops, whatever is killed."""

import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from tests.support.processes import is_alive, until
from webapp.config import load_settings
from webapp.config_parsing import PREFIX
from webapp.runtime.child import exit_text
from webapp.runtime.embedded.lock import LOCK_FILE
from webapp.runtime.embedded.services import Services

UP = (sys.executable, "-m", "webapp.cli", "up", "--workers", "1", "--port", "0")


class Site:
    """A running `workbee up`."""

    def __init__(self, folder: Path, starter: subprocess.Popen[bytes], log: Path) -> None:
        self.folder = folder
        self.starter = starter
        self.log = log

    @property
    def supervisor(self) -> psutil.Process:
        return psutil.Process(json.loads((self.folder / LOCK_FILE).read_text())["process"])

    def processes(self) -> list[psutil.Process]:
        return [self.supervisor, *self.supervisor.children(recursive=True)]

    def children(self, words: str) -> list[psutil.Process]:
        """The supervisor's children whose command line has these words."""
        return children(self.supervisor, words)

    def child(self, words: str) -> psutil.Process | None:
        """One of them."""
        return next(iter(self.children(words)), None)

    def story(self) -> str:
        """What has happened, for the message of a test that fails: the log, with where the supervisor is just now."""
        if self.starter.poll() is not None:
            return f"{self.log.read_text()}\nThe supervisor has ended: {exit_text(self.starter.returncode)}"
        self.supervisor.send_signal(signal.SIGUSR1)
        time.sleep(0.5)
        alive = [(one.pid, " ".join(one.cmdline())) for one in self.children("")]
        return f"{self.log.read_text()}\nIts children: {alive}"

    def work(self) -> float:
        """The processor seconds it has used until now: unlike the clock's, whatever else the machine does."""
        return sum(sum(one.cpu_times()[:4]) for one in [self.supervisor, *self.supervisor.children()])

    def answers(self) -> bool:
        address = json.loads((self.folder / LOCK_FILE).read_text())["address"]
        try:
            return httpx.get(f"{address}/api/", timeout=5).status_code < 500
        except httpx.TransportError:
            return False

    def database(self) -> psycopg.Connection:
        settings = Services(load_settings(data_dir=self.folder)).settings
        assert settings.database_url is not None
        return psycopg.connect(settings.database_url)

    def database_answers(self) -> bool:
        try:
            with self.database() as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False


def is_replaced(running: Site, words: str, old: psutil.Process) -> bool:
    return running.child(words) not in (None, old)


def children(parent: psutil.Process, words: str) -> list[psutil.Process]:
    found = []
    for one in parent.children():
        with suppress(psutil.NoSuchProcess):
            if is_alive(one) and words in " ".join(one.cmdline()):
                found.append(one)
    return found


def environment(**variables: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)} | variables


@contextmanager
def site(folder: Path, command: tuple[str, ...] = UP, *, ignore_interrupts: bool = False) -> Iterator[Site]:
    """A site that has announced itself. Whatever is left of it in the end is killed."""
    log = folder / "up.log"
    before = signal.getsignal(signal.SIGINT)
    # Whoever runs the tests in the background may have them ignore it; make, then, would too.
    signal.signal(signal.SIGINT, signal.SIG_IGN if ignore_interrupts else signal.SIG_DFL)
    try:
        with log.open("wb") as output:
            data = () if command[0] == "make" else ("--data", str(folder))
            starter = subprocess.Popen(
                (*command, *data), env=environment(), stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
    finally:
        signal.signal(signal.SIGINT, before)
    found = Site(folder, starter, log)
    processes: list[psutil.Process] = []
    try:
        assert until(lambda: "Workbee is at" in log.read_text() or starter.poll() is not None, 60), log.read_text()
        assert starter.poll() is None, log.read_text()
        processes = found.processes()
        yield found
    finally:
        for process in (psutil.Process(starter.pid), *processes) if starter.poll() is None else processes:
            if process.is_running():
                process.kill()
        starter.wait(10)


def gone(processes: list[psutil.Process]) -> bool:
    return not any(is_alive(one) for one in processes)


@pytest.mark.slow
def test_a_signal_stops_everything_and_the_next_start_keeps_the_data_and_is_quick(folder: Path) -> None:
    with site(folder, ignore_interrupts=True) as first:
        assert first.answers()
        with first.database() as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1")
        processes = first.processes()
        assert len(processes) >= 5
        first.starter.send_signal(signal.SIGINT)
        assert first.starter.wait(20) == 0, first.log.read_text()
        assert gone(processes)
    # Neighbours on the same cores make all work dearer: a start that is quick by itself is so once in three.
    assert any(the_next_start(folder) < 5 * slowness() for _ in range(3))


def slowness() -> float:
    """How many times dearer work is just now than where Quart and SQLAlchemy are imported in half a second, or 1."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run((sys.executable, "-c", "import quart, sqlalchemy.ext.asyncio"), check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return max(1.0, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / 0.5)


def the_next_start(folder: Path) -> float:
    """The processor seconds of a start that finds `kept` again and is stopped by a signal."""
    with site(folder) as started:
        work = started.work()
        with started.database() as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1,)
        processes = started.processes()
        started.starter.terminate()
        assert started.starter.wait(20) == 0, started.log.read_text()
        assert gone(processes)
    return work


def test_nothing_outlives_a_killed_supervisor_and_the_next_start_recovers(private_folder: Path) -> None:
    with site(private_folder) as first:
        with first.database() as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1")
        processes = first.processes()
        first.starter.kill()
        assert until(lambda: gone(processes))
    with site(private_folder) as second:
        assert second.answers()
        with second.database() as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1,)


@pytest.mark.slow
def test_a_start_killed_while_it_fills_the_demo_is_made_up_for_by_the_next(folder: Path) -> None:
    first = subprocess.Popen((*UP, "--demo", "--data", folder), env=environment(), stdout=subprocess.DEVNULL)
    supervisor = psutil.Process(first.pid)
    try:
        assert until(lambda: bool(children(supervisor, "cli demo")))
        # Long enough to be within its one transaction, short of its end.
        time.sleep(1.5)
        processes = supervisor.children(recursive=True)
    finally:
        first.kill()
        first.wait()
    assert until(lambda: gone(processes))
    with site(folder, (*UP, "--demo")) as second:
        assert "Demo owner:" in second.log.read_text()
        with second.database() as connection:
            assert connection.execute("SELECT count(*) FROM project WHERE published").fetchone() == (3,)


def test_each_part_that_is_killed_comes_back(folder: Path) -> None:
    with site(folder) as running:
        time.sleep(1)
        assert "(status" not in running.log.read_text(), running.log.read_text()
        # The server itself, not the `postgres --version` that is asked before it.
        for words in ("web_worker", "cli worker", "valkey-server", "postgres -D"):
            part = running.child(words)
            assert part is not None, running.log.read_text()
            part.kill()
            assert until(partial(is_replaced, running, words, part)), running.story()
            assert until(running.answers), running.story()
        assert until(running.database_answers), running.story()


def kill_first(folder: Path, words: str) -> None:
    """Kill the first child that has these words in its command line, as soon as there is one."""

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError, ValueError, KeyError, psutil.NoSuchProcess):
            supervisor = psutil.Process(json.loads((folder / LOCK_FILE).read_text())["process"])
            for child in children(supervisor, words):
                child.kill()
                return
        time.sleep(0.01)


@pytest.mark.slow
def test_a_worker_that_is_killed_while_it_starts_comes_back_too(folder: Path) -> None:
    """Memory is short just then, or somebody kills at random: the others have begun to serve meanwhile."""
    killer = threading.Thread(target=kill_first, args=(folder, "web_worker"))
    killer.start()
    with site(folder, (*UP[:-4], "--workers", "2", "--port", "0")) as running:
        killer.join()
        assert until(lambda: "SIGKILL" in running.log.read_text(), 10), running.log.read_text()
        assert until(lambda: len(running.children("web_worker")) == 2), running.story()
        assert until(running.answers), running.story()


def test_a_site_whose_only_worker_is_killed_while_it_starts_says_so(folder: Path) -> None:
    killer = threading.Thread(target=kill_first, args=(folder, "web_worker"))
    killer.start()
    command = (*UP, "--data", str(folder))
    ended = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60)
    killer.join()
    assert ended.returncode == 1 and "No web worker started" in ended.stdout + ended.stderr


@pytest.mark.slow
def test_a_process_that_seems_stuck_says_where_it_is(folder: Path) -> None:
    with site(folder) as running:
        worker = running.child("web_worker")
        assert worker is not None
        for process, place in ((running.supervisor, "in pause"), (worker, "in serve")):

            def says(process: psutil.Process = process, place: str = place) -> bool:
                # Again and again: at the first it may do something else than wait.
                process.send_signal(signal.SIGUSR1)
                return place in running.log.read_text()

            assert until(says), running.log.read_text()
        assert running.answers()


def test_a_second_start_on_one_folder_and_a_taken_port_are_refused_by_name(folder: Path, tmp_path: Path) -> None:
    with site(folder) as running:
        second = subprocess.run((*UP, "--data", folder), env=environment(), capture_output=True, text=True, timeout=30)
        assert second.returncode == 1
        message = rf"workbee: Workbee already runs on the data folder {folder}, as process \d+, at http://localhost:\d+"
        assert re.search(message, second.stderr)
        assert running.answers()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        refused = subprocess.run(
            (*UP[:-1], port, "--data", tmp_path), env=environment(), capture_output=True, text=True, timeout=30
        )
    assert refused.returncode == 1
    assert f"Cannot listen on 127.0.0.1 port {port}: Address already in use" in refused.stderr
    assert not (tmp_path / "embedded").exists()


def test_wrong_settings_are_refused_at_start(tmp_path: Path) -> None:
    refused = subprocess.run(
        (*UP, "--data", tmp_path),
        env=environment(WORKBEE_API_RATE_LIMIT="plenty"),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert refused.returncode == 1
    assert "WORKBEE_API_RATE_LIMIT: input should be a valid integer" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.skipif(shutil.which("make") is None, reason="make is what starts it")
@pytest.mark.parametrize(
    ("number", "send"),
    [
        pytest.param(signal.SIGKILL, os.kill, id="make is killed"),
        pytest.param(signal.SIGTERM, os.kill, id="make is told to stop", marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, os.killpg, id="Ctrl-C"),  # a terminal sends it to the whole process group
    ],
)
def test_the_site_stops_with_the_make_that_started_it(
    folder: Path, tmp_path: Path, number: signal.Signals, send: Callable[[int, int], None]
) -> None:
    makefile = tmp_path / "Makefile"
    makefile.write_text(f"run:\n\t@exec {' '.join(UP)} --with-parent --data {folder}\n")
    with site(folder, ("make", "-f", str(makefile), "run")) as running:
        processes = running.processes()
        send(running.starter.pid, number)
        assert until(lambda: gone(processes)), running.log.read_text()


def test_a_signal_in_the_middle_of_the_first_start_stops_it(folder: Path) -> None:
    with subprocess.Popen((*UP, "--data", folder), env=environment(), stdout=subprocess.PIPE) as starter:
        try:
            assert until((folder / "logs" / "initdb.log").exists)
            starter.terminate()
            assert starter.wait(20) == 0
        finally:
            starter.kill()
    assert not [one for one in psutil.process_iter(["cmdline"]) if str(folder) in str(one.info["cmdline"])]
