"""Files that come with rows: stored, attached to the row that shows them, and removed when none does.

Three rules keep them right. A file is recorded before its bytes are stored, so that none is stored without a record. It
is attached in the transaction that writes its row, so that both are there or neither. And its bytes are removed only
while nothing shows it: who asks for that is answered by the file's own record, never by what a row says of itself.
"""

import asyncio
import hashlib
import io
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from os import SEEK_END
from typing import IO, Any

from db.models import File, Project
from db.queries.site import files as queries
from db.queries.site.files import FileKey, NewFile
from db.repositories.rows import find_row
from db.session import Database, UnitOfWork
from webapp.actor import Actor
from webapp.errors import NotFound, OverQuota, Unavailable
from webapp.i18n import format_number
from webapp.i18n import gettext as _
from webapp.integrations.pictures import AVIF_TYPE, Prepared
from webapp.integrations.storage import Storage, StoredFile
from webapp.policies import Action, Facts, about_file, require

SWEEP = "remove_orphaned_files"
"""The job that removes files which nothing shows."""
UNATTACHED_FOR = timedelta(days=1)
"""A file that no row has shown for so long belongs to a request that failed."""
BATCH = 500
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FilePlace:
    """Where a new file goes, and whose it is: its container, its uploader, and the project that it belongs to."""

    container: str
    owner_id: int | None
    project_id: int | None = None


@dataclass(frozen=True, slots=True)
class StoredUpload:
    """A file that is stored, and not yet attached to a row."""

    id: int
    container: str
    name: str
    url: str


class FileStore:
    """The files of this site: their records and their bytes."""

    def __init__(self, database: Database, storage: Storage, *, most_bytes: int = 0) -> None:
        """`most_bytes`: of the files of one account, but an administrator's; 0 sets no limit."""
        self._database = database
        self._storage = storage
        self._most_bytes = most_bytes

    async def store(
        self, uow: UnitOfWork, place: FilePlace, name: str, content: bytes | IO[bytes], content_type: str
    ) -> StoredUpload:
        """Store a file; `name` only gives the readable part of its new name. If the unit of work fails after all, it
        goes again. Better before rows are locked than after: the storage may be slow.

        Raises UnsupportedMedia for kinds that are not accepted, OverQuota where the account's files become too large
        together, and Unavailable without the storage.
        """
        target = self._storage.reserve(place.container, name, content_type)
        stored = await self._record(uow, place, target, content, content_type)
        await self._storage.write(target, content)
        return stored

    async def store_picture(self, uow: UnitOfWork, place: FilePlace, name: str, picture: Prepared) -> StoredUpload:
        """Store a picture in both of its sizes, of which the larger has the address and the record: the smaller comes
        and goes with it. Raises Unavailable without the storage."""
        target = self._storage.reserve(place.container, name, AVIF_TYPE, width=picture.width)
        stored = await self._record(uow, place, target, picture.larger, AVIF_TYPE)
        await self._storage.write_picture(target, picture)
        return stored

    async def _record(
        self, uow: UnitOfWork, place: FilePlace, target: StoredFile, content: bytes | IO[bytes], content_type: str
    ) -> StoredUpload:
        size, digest = await asyncio.to_thread(_measure, content)
        await self._check_room(place.owner_id, size)
        file = NewFile(target.container, target.name, content_type, size, digest, place.owner_id, place.project_id)
        file_id = await queries.record(self._database.autocommit, file)
        uow.after_rollback(partial(self.remove_detached, file_id))
        return StoredUpload(file_id, target.container, target.name, target.url)

    async def _check_room(self, owner_id: int | None, size: int) -> None:
        """Raises OverQuota. What comes at the same moment may pass the limit by a little; looking reads the records of
        all files of the account."""
        if not self._most_bytes or owner_id is None:
            return
        if await queries.would_exceed(self._database.autocommit, owner_id, size, self._most_bytes):
            told = _("Your files here may have %(most)s MiB together: remove some, or ask the administrators.")
            raise OverQuota(told % {"most": format_number(self._most_bytes // MIB)})

    async def find(self, uow: UnitOfWork, container: str, name: str) -> StoredUpload:
        """A file that was stored before. Raises NotFound."""
        file = await queries.find_file(uow.session, container, name)
        if file is None:
            raise NotFound
        return StoredUpload(file.id, file.container, file.name, self._storage.url(container, name))

    async def attach(self, uow: UnitOfWork, file: StoredUpload, model: type[Any], row_id: int) -> None:
        """Have the row show this file; one that it has shown was detached before."""
        await queries.attach(uow.session, file.id, model, row_id)

    async def detach(self, uow: UnitOfWork, actor: Actor, row: Any) -> None:
        """The row shows its file no more, if it has one: it is removed once that is committed. Raises Unauthorized or
        Forbidden."""
        file = await queries.attached_to(uow.session, row)
        if file is None:
            return
        require(actor, Action.FILE_DELETE, await _facts_of(uow, file))
        await self._detach(uow, file)

    async def release(self, row: Any) -> None:
        """The row, whose work is done, needs its file no more, if it has one: it is removed."""
        async with self._database.unit() as uow:
            file = await queries.attached_to(uow.session, row)
            if file is not None:
                await self._detach(uow, file)

    async def _detach(self, uow: UnitOfWork, file: File) -> None:
        await queries.detach(uow.session, file)
        uow.after_commit(partial(self.remove_detached, file.id))

    async def remove_detached(self, file_id: int) -> None:
        """Remove a file, unless a row shows it. While the storage is away it stays for `sweep`."""
        file = await queries.find_detached(self._database.autocommit, file_id)
        if file is not None:
            with suppress(Unavailable):
                await self._remove(file)

    async def sweep(self) -> int:
        """Remove every file that nothing shows; how many there were. Raises Unavailable without the storage."""
        n_removed = 0
        while found := await self._orphans():
            for file in found:
                await self._remove(file)
            n_removed += len(found)
        return n_removed

    async def _orphans(self) -> list[FileKey]:
        async with self._database.unit(read_only=True) as uow:
            return await queries.orphans(uow.session, unattached_for=UNATTACHED_FOR, limit=BATCH)

    async def _remove(self, file: FileKey) -> None:
        # The record goes last: what is recorded and not there can be removed again, bytes without a record cannot.
        await self._storage.remove(file.container, file.name)
        await queries.forget(self._database.autocommit, file.id)


async def _facts_of(uow: UnitOfWork, file: File) -> Facts:
    project = await find_row(uow.session, Project, file.project_id) if file.project_id is not None else None
    return about_file(file.owner_id, project)


def _measure(content: bytes | IO[bytes]) -> tuple[int, str]:
    """Size and SHA-256 of the content, which is at its beginning again then."""
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    stream.seek(0)
    digest = hashlib.file_digest(stream, "sha256")  # type: ignore[arg-type]  # any open file will do
    size = stream.seek(0, SEEK_END)
    stream.seek(0)
    return size, digest.hexdigest()
