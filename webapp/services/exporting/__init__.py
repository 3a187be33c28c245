"""Export: all tasks, answers or results of a project as a zip (docs/contract/jobs.md 7).

An export is made as fast as it can be, from one snapshot of the database, into a file, and is read from there while it
grows: neither its memory nor its transaction depends on how slow its reader is. The file is kept for a while, so that
a reader whose line broke can take it up where it ended. Its tag stands for these very bytes.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from os import fstat
from pathlib import Path
from time import monotonic
from typing import IO, Protocol

from db.errors import DatabaseError
from db.queries.reading import exports
from db.session import AsyncSession, Database
from webapp.errors import NotFound, Unavailable, UnsupportedMedia
from webapp.integrations.filenames import in_ascii
from webapp.services.exporting import csv_format, json_format, report_format
from webapp.services.exporting.archive import BlockHandler, Rows, StreamedZip
from webapp.services.exporting.folder import PART, ExportFile, ExportFolder, ExportRequest, is_being_made, mark_sent

log = logging.getLogger(__name__)

KINDS = tuple(exports.MODELS)
CHUNK_BYTES = 256 * 1024
WORTH_RESUMING = 1024 * 1024
"""Bytes. Who leaves with fewer has ended the export: to begin anew costs them little."""
WAIT_S = 20
LOOK_EVERY_S = 0.2
RETRY_S = 5
SWEEP_EVERY_S = 300


class Format(Protocol):
    """How rows are written down: one module a format."""

    async def write(self, archive: StreamedZip, stem: str, kind: str, rows: Rows, *, raw: bool) -> None:
        """Write the files of the zip. Unless `raw`, no cell is a formula to a spreadsheet."""


FORMATS: dict[str, Format] = {"json": json_format, "csv": csv_format}
REPORT = exports.REPORT


@dataclass(frozen=True)
class Export:
    """A zip that is being made."""

    tag: str
    content: AsyncIterator[bytes]


@dataclass(frozen=True)
class KeptExport:
    """A zip that was made a while ago."""

    tag: str
    size: int
    path: Path
    file: IO[bytes]
    """Open: its name may change, and it may be removed."""

    async def part(self, start: int, stop: int) -> AsyncIterator[bytes]:
        """Its bytes from the one to before the other."""
        with self.file as file:
            file.seek(start)
            while start < stop and (data := await asyncio.to_thread(file.read, min(CHUNK_BYTES, stop - start))):
                start += len(data)
                yield data
        if stop == self.size:
            mark_sent(self.path)


def check(kind: str, format_name: str) -> None:
    """Raises UnsupportedMedia or NotFound for what there is not."""
    if format_name not in FORMATS:
        raise UnsupportedMedia
    if kind not in KINDS:
        raise NotFound


def check_report(kind: str, format_name: str) -> None:
    """Raises UnsupportedMedia or NotFound for what is no project report."""
    if format_name != "csv":
        raise UnsupportedMedia
    if kind != REPORT:
        raise NotFound


def _format(request: ExportRequest) -> Format:
    return report_format if request.kind == REPORT else FORMATS[request.format_name]


@dataclass
class _RunningExport:
    """An export on its way."""

    file: ExportFile
    grown: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when there is more to read, or an end; replaced then."""
    is_complete: bool = False
    task: asyncio.Task[None] | None = None

    @property
    def has_ended(self) -> bool:
        return self.task is None or self.task.done()

    def tell(self) -> None:
        grown, self.grown = self.grown, asyncio.Event()
        grown.set()


class ExportFailed(Exception):
    """An export cannot be ended: its reader is not told that this was all."""


class Exports:
    """The exports of this process."""

    def __init__(self, database: Database, folder: ExportFolder) -> None:
        self._database = database
        self._folder = folder
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, request: ExportRequest, short_name: str) -> Export:
        """A new export, of this moment. Whoever calls has decided that the caller may have it. Raises TooManyRequests
        and Unavailable where there is no place for it."""
        place = await asyncio.to_thread(self._folder.take_place, request.caller)
        try:
            running = _RunningExport(await asyncio.to_thread(self._folder.begin, request))
        except BaseException:
            place.close()
            raise
        running.task = asyncio.create_task(
            self._make(
                running,
                place,
                request,
                f"{in_ascii(short_name)}_{request.kind}{'_report' if request.kind == REPORT else ''}",
            )
        )
        self._tasks.add(running.task)
        running.task.add_done_callback(self._tasks.discard)
        running.task.add_done_callback(lambda _: running.tell())
        return Export(running.file.tag, _follow(running))

    async def find(self, request: ExportRequest, tag: str | None) -> KeptExport | None:
        """The export of this tag, or the only one that this caller has begun to read of late; waited for if it is being
        made. Raises Unavailable where that takes long."""
        until = monotonic() + WAIT_S
        while (path := await asyncio.to_thread(self._folder.find, request, tag)) is not None:
            if path.suffix != PART:
                with suppress(FileNotFoundError):  # it has another name by now, or none
                    return await asyncio.to_thread(_open, path)
            elif not await asyncio.to_thread(is_being_made, path) and path.exists():
                return None  # whoever made it has died
            if monotonic() > until:
                raise Unavailable(retry_after=RETRY_S)
            await asyncio.sleep(LOOK_EVERY_S)
        return None

    async def _make(self, running: _RunningExport, place: IO[str], request: ExportRequest, stem: str) -> None:
        loop = asyncio.get_running_loop()

        def write(data: bytes) -> None:
            running.file.write(data)
            loop.call_soon_threadsafe(running.tell)

        try:
            archive = StreamedZip(write)
            async with self._database.unit(read_only=True) as uow:
                await exports.begin_snapshot(uow.session)
                rows = _rows(uow.session, request.kind, request.project_id)
                await _format(request).write(archive, stem, request.kind, rows, raw=request.raw)
            archive.end()
            running.file.keep()
            running.is_complete = True
        except (DatabaseError, OSError) as error:
            log.warning("an export of project %s was given up: %s", request.project_id, error)
        except Exception:
            log.exception("an export of project %s failed", request.project_id)
        finally:
            if not running.is_complete:
                running.file.give_up()
            place.close()

    async def sweep_periodically(self) -> None:
        """Remove what is kept no longer, again and again."""
        while True:
            try:
                await asyncio.to_thread(self._folder.sweep)
            except OSError as error:
                log.warning("exports that are kept no longer could not be removed: %s", error)
            await asyncio.sleep(SWEEP_EVERY_S)

    async def close(self) -> None:
        """Give up what is being made."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _open(path: Path) -> KeptExport:
    file = path.open("rb")
    return KeptExport(path.stem.rpartition(".")[2], fstat(file.fileno()).st_size, path, file)


async def _follow(running: _RunningExport) -> AsyncIterator[bytes]:
    """The bytes of an export as they come. Who leaves early gives it up. Raises ExportFailed."""
    n_sent = 0
    with running.file.path.open("rb") as file:
        try:
            while True:
                grown, has_ended = running.grown, running.has_ended
                if data := await asyncio.to_thread(file.read, CHUNK_BYTES):
                    n_sent += len(data)
                    yield data
                elif not has_ended:
                    await grown.wait()
                elif running.is_complete:
                    mark_sent(running.file.path)
                    return
                else:
                    raise ExportFailed
        finally:
            if running.task is not None and n_sent < WORTH_RESUMING:
                running.task.cancel()


def _rows(session: AsyncSession, kind: str, project_id: int) -> Rows:
    async def rows(handle: BlockHandler, *, only: Collection[str] | None = None) -> None:
        handling: asyncio.Task[None] | None = None

        async def take(block: bytes) -> None:
            """BlockHandler it while PostgreSQL makes the next."""
            nonlocal handling
            if handling is not None:
                await asyncio.shield(handling)
            handling = asyncio.create_task(asyncio.to_thread(handle, block))

        try:
            await exports.copy_rows(session, kind, project_id, take, only=only)
            if handling is not None:
                await asyncio.shield(handling)
        finally:
            if handling is not None:  # a thread cannot be cancelled: nothing is closed while it writes
                await asyncio.wait([handling])

    return rows
