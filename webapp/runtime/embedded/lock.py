"""One Workbee at a time on one data folder."""

import fcntl
import json
import os
from pathlib import Path
from typing import IO, Any

from webapp.runtime.child import RuntimeFailure

LOCK_FILE = "workbee.lock"


class AlreadyRunning(RuntimeFailure):
    """Another process holds the data folder."""


class FolderLock:
    """Held by the process that runs a data folder's embedded services; its death, however sudden, lets go of it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self._file: IO[str] | None = None

    def acquire(self) -> None:
        """Take the lock; AlreadyRunning says who has it."""
        try:
            self.data_dir.mkdir(parents=True, exist_ok=True)
            file = os.fdopen(os.open(self.data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600), "r+")
        except OSError as error:
            raise RuntimeFailure(f"The data folder {self.data_dir} cannot be used: {error.strerror}.") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with file:
                raise AlreadyRunning(self._who(file)) from None
        self._file = file
        self.describe()

    def describe(self, address: str | None = None) -> None:
        """Write down who this is, for whoever comes second."""
        if self._file is None:
            return
        self._file.seek(0)
        self._file.truncate()
        json.dump({"process": os.getpid(), "address": address}, self._file)
        self._file.flush()

    def release(self) -> None:
        """Let go of the data folder."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _who(self, file: IO[str]) -> str:
        try:
            holder: dict[str, Any] = json.load(file)
        except ValueError:
            holder = {}
        process = f", as process {holder['process']}" if holder.get("process") else ""
        address = f", at {holder['address']}" if holder.get("address") else ""
        return f"Workbee already runs on the data folder {self.data_dir}{process}{address}."
