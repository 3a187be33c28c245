"""Files of people and projects (pictures, sounds, exports), kept outside the database and served below `/uploads`.

A file lives in a container (`user_7`, `project_3`) under a name that nobody can guess: a readable stem, then random
characters. So two files never overwrite each other, and knowing one address tells nothing of the next. The bytes are in
any store that obstore speaks to; what kind a file is follows from its extension, chosen here and never by the uploader,
because a local folder remembers no content types.
"""

import re
import secrets
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from obstore.store import LocalStore, MemoryStore, ObjectStore

from webapp.errors import NotFound, UnsupportedMedia

if TYPE_CHECKING:  # a name of obstore's type stubs alone
    from obstore import BytesStream

URL_ROOT = "/uploads"
CHUNK_BYTES = 256 * 1024
STEM_LENGTH = 40
TOKEN_BYTES = 12

SHOWN = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "mp3": "audio/mpeg",
    "oga": "audio/ogg",
    "wav": "audio/wav",
    "mp4": "video/mp4",
    "webm": "video/webm",
    "pdf": "application/pdf",
}
"""Extensions of files that a browser may show on our pages, and their content types."""
DOWNLOADED = {
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "zip": "application/zip",
    "svg": "image/svg+xml",
}
"""Those that are only ever downloaded; an SVG may hold scripts."""
ACCEPTED = SHOWN | DOWNLOADED

_EXTENSIONS = {kind.partition(";")[0]: extension for extension, kind in ACCEPTED.items()} | {
    "image/jpg": "jpg",
    "audio/mp3": "mp3",
    "audio/x-wav": "wav",
    "application/x-zip-compressed": "zip",
}
_CONTAINER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\.[a-z0-9]{2,5}")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where a file is: what an entity keeps in its `info`, and the address that shows it."""

    container: str
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file being read."""

    content_type: str
    inline: bool
    """A browser may show it; otherwise it is offered as a download."""
    size: int
    modified: datetime
    etag: str
    chunks: AsyncIterator[bytes]


class Storage:
    """Containers of files in one store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def in_folder(cls, folder: Path) -> "Storage":
        """Files in a folder of this machine, made if it is missing."""
        return cls(LocalStore(folder, mkdir=True))

    @classmethod
    def in_memory(cls) -> "Storage":
        """Files that are gone with the process: for tests."""
        return cls(MemoryStore())

    async def put(self, container: str, name: str, data: bytes | IO[bytes], content_type: str) -> StoredFile:
        """Keep a file, read in pieces if it is open; `name` only gives the readable part of its new name. Raises for
        kinds that are not accepted."""
        kept = f"{_stem(name)}-{secrets.token_hex(TOKEN_BYTES)}.{_extension(content_type)}"
        path = _path(container, kept)
        await self._store.put_async(path, data)
        return StoredFile(container=container, name=kept, url=self.url(container, kept))

    def url(self, container: str, name: str) -> str:
        """The address of a file, relative to this site."""
        return f"{URL_ROOT}/{_path(container, name)}"

    async def open(self, container: str, name: str, part: tuple[int, int] | None = None) -> OpenFile:
        """A file to be sent piece by piece, or the bytes from `part[0]` to before `part[1]` of it; `NotFound` if there
        is none. `size` is that of the whole."""
        path = _path(container, name)
        try:
            found = await self._store.get_async(path, options={"range": part} if part else None)
        except FileNotFoundError:
            raise NotFound from None
        extension = name.rpartition(".")[2]
        return OpenFile(
            content_type=ACCEPTED[extension],
            inline=extension in SHOWN,
            size=found.meta["size"],
            modified=found.meta["last_modified"],
            etag=(found.meta["e_tag"] or "").strip('"'),
            chunks=_chunks(found.stream(min_chunk_size=CHUNK_BYTES)),
        )

    async def read(self, container: str, name: str) -> bytes:
        """All of a small file; `NotFound` if there is none."""
        return b"".join([chunk async for chunk in (await self.open(container, name)).chunks])

    async def remove(self, container: str, name: str) -> None:
        """Forget a file; one that is gone already is no error."""
        try:
            await self._store.delete_async(_path(container, name))
        except FileNotFoundError:
            return


async def _chunks(parts: "BytesStream") -> AsyncIterator[bytes]:
    async for part in parts:
        yield bytes(part)


def _path(container: str, name: str) -> str:
    """The key of a file. Names come from addresses too, so what `put` cannot have made does not exist."""
    known = name.rpartition(".")[2] in ACCEPTED
    if not known or not _CONTAINER.fullmatch(container) or not _NAME.fullmatch(name):
        raise NotFound
    return f"{container}/{name}"


def _extension(content_type: str) -> str:
    kind = content_type.partition(";")[0].strip().lower()
    try:
        return _EXTENSIONS[kind]
    except KeyError:
        raise UnsupportedMedia(f"Files of the kind {kind or 'unknown'} are not accepted.") from None


def _stem(name: str) -> str:
    """The readable part of a file's name, in plain small letters: `Été à Évian.PNG` gives `ete-a-evian`."""
    last = name.replace("\\", "/").rpartition("/")[2]
    bare = last.rpartition(".")[0] or last
    plain = unicodedata.normalize("NFKD", bare).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:STEM_LENGTH].strip("-") or "file"
