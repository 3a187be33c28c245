"""A whole Workbee as its users meet it: `workbee up` as a process, on a free port and with its own data folder."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from webapp.config import Settings, load_settings
from webapp.config_parsing import PREFIX
from webapp.runtime.embedded.lock import LOCK_FILE
from webapp.runtime.embedded.services import Services

START_PATIENCE = 90.0
STOP_PATIENCE = 40.0
UNHURRIED = {"API_RATE_LIMIT": "1000000", "PAGE_RATE_LIMIT": "1000000"}
"""Many people on one machine have one address, and so would share one allowance."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """One that answers."""

    url: str
    settings: Settings
    """As the server has them, with the addresses of its database and Redis."""
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def database_url(self) -> str:
        """Its database, to look at what it has stored."""
        assert self.settings.database_url is not None
        return self.settings.database_url


class NotStarted(Exception):
    """The server ended, or did not answer in time; the text is the end of its log."""


@contextmanager
def running_server(
    data_dir: Path,
    *,
    demo: bool = False,
    variables: Mapping[str, str] | None = None,
    python: Path = Path(sys.executable),
    port: int = 0,
) -> Iterator[RunningServer]:
    """Start a server, and stop it when the block ends. `variables` are settings without their prefix; `python` is the
    interpreter of the environment that Workbee is installed in; `port` is any free one unless it is said (a site that
    has an address of its own has to know it)."""
    process, log = _spawn(python, data_dir, demo=demo, variables=UNHURRIED | dict(variables or {}), port=port)
    try:
        url = _wait_until_it_answers(process, data_dir, log)
        settings = Services(load_settings(data_dir=data_dir)).settings
        yield RunningServer(url, settings, process, log)
    finally:
        _stop(process)


def _spawn(
    python: Path, data_dir: Path, *, demo: bool, variables: Mapping[str, str], port: int
) -> tuple[subprocess.Popen[bytes], Path]:
    data_dir.mkdir(parents=True, exist_ok=True)
    log = data_dir / "server.log"
    command = [str(python), "-m", "webapp.cli", "up", "--data", str(data_dir), "--port", str(port)]
    outside = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    environment = outside | {PREFIX + name: value for name, value in variables.items()}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command + ["--demo"] * demo, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    return process, log


def _wait_until_it_answers(process: subprocess.Popen[bytes], data_dir: Path, log: Path) -> str:
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        url = _address(data_dir)
        if url and _answers(url):
            return url
        time.sleep(0.05)
    raise NotStarted(log.read_text(errors="replace")[-4000:])


def _address(data_dir: Path) -> str | None:
    """Where the server says that it is."""
    try:
        address: str | None = json.loads((data_dir / LOCK_FILE).read_text()).get("address")
    except (OSError, ValueError):
        return None
    return address


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/", timeout=START_PATIENCE).status_code < 500
    except httpx.TransportError:
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
