"""A real S3 server for one test process: JuiceFS's gateway, which is MinIO's front on a folder and an SQLite file."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from webapp.config import Settings
from webapp.runtime.child import Program, spawn

PROGRAM = Path(sys.executable).with_name("juicefs")
BUCKET = "workbee-tests"
PATIENCE_S = 30
QUICK = (
    *("--no-banner", "--no-usage-report", "--no-bgjob", "--keep-etag"),
    *("--cache-dir", "memory", "--metrics", "127.0.0.1:0", "--backup-meta", "0"),
)


class Bucket:
    """A bucket, its server, and the key to it. `stop` and `start` make it go away and come back, files and all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._meta = f"sqlite3://{folder / 'meta.db'}"
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.key_id, self.secret = secrets.token_hex(8), secrets.token_hex(16)
        form = [str(PROGRAM), "format", "--storage", "file", "--bucket", f"{folder}/blocks/", "--trash-days", "0"]
        subprocess.run([*form, self._meta, BUCKET], check=True, capture_output=True, env=self._environment())

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def settings(self, of: Settings, **changes: Any) -> Settings:
        """These settings, with files in the bucket."""
        given = {"s3_bucket": BUCKET, "s3_endpoint": self.endpoint, "s3_key_id": self.key_id}
        return of.model_copy(update=given | {"s3_secret_key": self.secret} | changes)

    def start(self) -> None:
        address = f"127.0.0.1:{self._port}"
        argv = [str(PROGRAM), "gateway", *QUICK, "--log", str(self._folder / "gateway.log"), self._meta, address]
        log = self._folder / "server.log"
        program = Program(argv=argv, name="JuiceFS", env=self._environment(), folder=self._folder, log=log)
        self._process = spawn(program)
        deadline = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert self._process.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            return httpx.get(self.endpoint).status_code == httpx.codes.FORBIDDEN
        except httpx.TransportError:
            return False

    def _environment(self) -> dict[str, str]:
        key = {"MINIO_ROOT_USER": self.key_id, "MINIO_ROOT_PASSWORD": self.secret}
        return key | {"PATH": os.defpath, "HOME": str(self._folder)}


@contextmanager
def test_bucket(folder: Path) -> Iterator[Bucket]:
    """A bucket that answers, until the end."""
    bucket = Bucket(folder)
    bucket.start()
    try:
        yield bucket
    finally:
        bucket.stop()


test_bucket.__test__ = False  # type: ignore[attr-defined]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
