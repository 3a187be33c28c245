"""Exports on disk: those being made, those kept for a while, and the places for making some at a time.

All processes of a machine share the folder, and so what it bounds. Who makes an export holds a lock on its file and on
a place: the system lets go of both when the process dies, whatever else happens.
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import time
from typing import IO

from webapp.config import Settings
from webapp.errors import TooManyRequests, Unavailable
from webapp.i18n import gettext as _
from webapp.i18n import ngettext

FOLDER = "exports"
"""Below the data folder."""
PART = ".part"
SENT = "sent"
"""In a file's name, in place of its caller."""
MIB = 1024 * 1024
SPARE_BYTES = 512 * MIB
"""Of the disk, that no export takes: a database may have to write there."""
BEGINS_WITHIN_S = 60
"""How old a file is at least that nobody makes any more: a new one is not locked at once."""
RETRY_S = 10
"""When trying again makes sense for whoever finds no place."""


@dataclass(frozen=True)
class ExportRequest:
    """Which export, and who asks for it: an account, or an address."""

    project_id: int
    kind: str
    format_name: str
    raw: bool
    caller: str

    @property
    def what(self) -> str:
        """What names of its files begin with."""
        return f"{self.project_id}.{self.kind}.{self.format_name}.{'raw' if self.raw else 'safe'}."

    @property
    def whose(self) -> str:
        return sha256(self.caller.encode()).hexdigest()[:16] + "."


class ExportFile:
    """An export that is being made: bytes are added, and in the end it is kept or given up."""

    def __init__(self, folder: Path, request: ExportRequest) -> None:
        self.tag = secrets.token_hex(16)
        """Names this export alone; whoever knows it has it."""
        self._kept = folder / f"{request.what}{request.whose}{self.tag}.zip"
        self.path = self._kept.with_suffix(PART)
        self._file: IO[bytes] = self.path.open("xb", buffering=0)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._spare = 0

    def write(self, data: bytes) -> None:
        """Add to it. Raises OSError where the disk has no room."""
        self._spare -= len(data)
        if self._spare < 0:
            free = shutil.disk_usage(self.path.parent).free
            if free < SPARE_BYTES:
                raise OSError(f"no room for an export: {free // MIB} MiB free")
            self._spare = SPARE_BYTES // 8
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]

    def keep(self) -> None:
        """It is complete."""
        self.path = self.path.rename(self._kept)
        self._file.close()

    def give_up(self) -> None:
        self.path.unlink(missing_ok=True)
        self._file.close()


class ExportFolder:
    """The folder of this machine. Its methods touch the disk, shortly."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.data_dir / FOLDER
        self._places = settings.concurrent_exports
        self._places_of_caller = settings.concurrent_exports_per_caller
        self._keep_s = settings.export_keep_minutes * 60
        self._most_bytes = settings.export_space_mib * MIB

    def take_place(self, caller: str) -> IO[str]:
        """A place for one more export, until it is closed. Raises TooManyRequests where this caller has as many as one
        may, and Unavailable where all are taken."""
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._path / "places.lock").open("a") as alone:
            fcntl.flock(alone, fcntl.LOCK_EX)
            free, n_own = self._free_place(caller)
        if n_own >= self._places_of_caller:
            _close(free)
            raise TooManyRequests(
                ngettext(
                    "An export of yours is being made already: wait until it is there.",
                    "%(num)s exports of yours are being made already: wait until one of them is there.",
                    n_own,
                ),
                retry_after=RETRY_S,
            )
        if free is None:
            raise Unavailable(
                _("As many exports are being made as this site makes at once. Please try again in a moment."),
                retry_after=RETRY_S,
            )
        return free

    def _free_place(self, caller: str) -> tuple[IO[str] | None, int]:
        """One that is this caller's from now on, if there is one, and how many others are."""
        free: IO[str] | None = None
        n_own = 0
        for number in range(self._places):
            place = (self._path / f"place-{number}.lock").open("a+")
            try:
                fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                place.seek(0)
                n_own += place.read() == caller
                place.close()
                continue
            if free is None:
                free = place
                free.truncate(0)
                free.write(caller)
                free.flush()
            else:
                place.close()
        return free, n_own

    def begin(self, request: ExportRequest) -> ExportFile:
        """A new export, with no byte yet."""
        self.sweep()
        return ExportFile(self._path, request)

    def find(self, request: ExportRequest, tag: str | None) -> Path | None:
        """The export of this tag; without one the only one that this caller has begun to read of late, and not read to
        its end. It may still be being made (`is_being_made`)."""
        if tag is None:
            found = list(self._path.glob(f"{request.what}{request.whose}*"))
        elif tag.isalnum():
            found = list(self._path.glob(f"{request.what}*.{tag}.*"))
        else:
            found = []
        return found[0] if len(found) == 1 else None

    def sweep(self) -> None:
        """Remove what is too old, what nobody makes any more, and the oldest where all take too much room."""
        kept = sorted(self._entries("*.zip"), key=lambda one: one[1].st_mtime, reverse=True)
        room = self._most_bytes
        for path, stat in kept:
            room -= stat.st_size
            if room < 0 or time() - stat.st_mtime > self._keep_s:
                path.unlink(missing_ok=True)
        for path, stat in self._entries(f"*{PART}"):
            if time() - stat.st_mtime > BEGINS_WITHIN_S and not is_being_made(path):
                path.unlink(missing_ok=True)

    def _entries(self, pattern: str) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self._path.glob(pattern):
            try:
                yield path, path.stat()
            except FileNotFoundError:  # another process was first
                continue


def is_being_made(path: Path) -> bool:
    """Whether somebody holds the lock of this file."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False


def mark_sent(path: Path) -> None:
    """Note that somebody has read this export to its end: who asks for the rest of an export means another one."""
    parts = path.name.split(".")
    parts[-3] = SENT
    with suppress(FileNotFoundError):  # it was noted already, or is kept no longer
        path.rename(path.with_name(".".join(parts)))


def _close(file: IO[str] | None) -> None:
    if file is not None:
        file.close()
