"""Files of people and projects (pictures, sounds, exports), kept outside the database and served below `/uploads`.

A file lives in a container (`user_7`, `project_3`) under a name that nobody can guess: a readable stem, then random
characters. So two files never overwrite each other, and knowing one address tells nothing of the next. The bytes are in
a folder, or in a bucket of an S3-compatible store; what kind a file is follows from its extension, chosen here and
never by the uploader, because a folder remembers no content types.
"""

import logging
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, MemoryStore, ObjectStore, S3Store

from webapp.config import Settings, SettingsError
from webapp.errors import NotFound, Unavailable, UnsupportedMedia
from webapp.integrations.filenames import in_ascii
from webapp.integrations.pictures import Prepared
from webapp.urls import smaller_picture

if TYPE_CHECKING:  # names of obstore's type stubs alone
    from obstore import BytesStream, ObjectMeta
    from obstore.store import S3Config

log = logging.getLogger(__name__)

URL_ROOT = "/uploads"
CHUNK_BYTES = 256 * 1024
PARTS_AT_ONCE = 2
"""Of a large file on its way to a bucket, 5 MiB each: so much memory it takes."""
CONNECT_S = 3
SILENCE_S = 30
"""How long a bucket may say nothing before it counts as away."""
LONGEST_S = 3600
"""How long one file may take to be sent: whoever reads it may be slow."""
RETRIES = 2
RETRY_S = 10
LOOKED_FOR = "is-the-bucket-there"
NO_BUCKET = "NoSuchBucket"
"""In the store's answer where not only the file is missing."""
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
class FoundFile:
    """What is known of a file without reading it."""

    content_type: str
    inline: bool
    """A browser may show it; otherwise it is offered as a download."""
    size: int
    modified: datetime
    etag: str


@dataclass(frozen=True, slots=True)
class OpenFile(FoundFile):
    """A file being read."""

    chunks: AsyncIterator[bytes]


class Storage:
    """Containers of files in one store. Every method but `url` raises `Unavailable` while the store is away."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def of(cls, settings: Settings) -> "Storage":
        """Files where the settings say: in their bucket, or else below the data folder."""
        return cls(_bucket(settings)) if settings.s3_bucket else cls.in_folder(settings.data_dir / "uploads")

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
        target = self.reserve(container, name, content_type)
        await self.write(target, data)
        return target

    def reserve(self, container: str, name: str, content_type: str, *, width: int | None = None) -> StoredFile:
        """A new address for a file, before there is one; `width` is the larger of the two that a picture is kept in.
        Raises for kinds that are not accepted."""
        mark = "" if width is None else f"-{width}"
        kept = f"{_stem(name)}-{secrets.token_hex(TOKEN_BYTES)}{mark}.{_extension(content_type)}"
        return StoredFile(container=container, name=kept, url=self.url(container, kept))

    async def write(self, target: StoredFile, data: bytes | IO[bytes]) -> None:
        """Keep a file at an address that was reserved for it."""
        path = _path(target.container, target.name)
        with _translate_store_errors(missing=Unavailable):
            await self._store.put_async(path, data, max_concurrency=PARTS_AT_ONCE)

    async def write_picture(self, target: StoredFile, picture: Prepared) -> None:
        """Keep a picture in both of its sizes, at an address that was reserved for its width and at the one beside."""
        smaller = smaller_picture(target.name)
        assert smaller is not None
        await self.write(target, picture.larger)
        await self.write(StoredFile(target.container, smaller, self.url(target.container, smaller)), picture.smaller)

    def url(self, container: str, name: str) -> str:
        """The address of a file, relative to this site."""
        return f"{URL_ROOT}/{_path(container, name)}"

    async def find(self, container: str, name: str) -> FoundFile:
        """What there is to know of a file; `NotFound` if there is none."""
        path = _path(container, name)
        with _translate_store_errors():
            meta = await self._store.head_async(path)
        return FoundFile(*_facts(meta, name))

    async def open(self, container: str, name: str, part: tuple[int, int] | None = None) -> OpenFile:
        """A file to be sent piece by piece, or the bytes from `part[0]` to before `part[1]` of it; `NotFound` if there
        is none. `size` is that of the whole."""
        path = _path(container, name)
        with _translate_store_errors():
            found = await self._store.get_async(path, options={"range": part} if part else None)
        return OpenFile(*_facts(found.meta, name), chunks=_chunks(found.stream(min_chunk_size=CHUNK_BYTES)))

    async def read(self, container: str, name: str) -> bytes:
        """All of a small file; `NotFound` if there is none."""
        return b"".join([chunk async for chunk in (await self.open(container, name)).chunks])

    async def remove(self, container: str, name: str) -> None:
        """Forget a file, in both of its sizes if it has two; one that is gone already is no error."""
        for kept in filter(None, (name, smaller_picture(name))):
            with suppress(NotFound), _translate_store_errors():
                await self._store.delete_async(_path(container, kept))

    def check(self) -> None:
        """Look whether the bucket lets us in, before anything is served. Raises SettingsError, naming what is wrong, if
        it does not; one that is merely away may come back."""
        if not isinstance(self._store, S3Store):
            return
        try:
            self._store.get(LOOKED_FOR)
        except FileNotFoundError as error:
            if NO_BUCKET in str(error):
                raise SettingsError({"WORKBEE_S3_BUCKET": "the store has no bucket of this name"}) from None
        except (PermissionDeniedError, UnauthenticatedError) as refused:
            log.warning("the store of files refuses: %s", _in_short(refused))
            reason = "the store refuses this key, its secret, or listing the bucket with them; its answer is in the log"
            raise SettingsError({"WORKBEE_S3_KEY_ID": reason}) from None
        except BaseError as away:
            log.warning("no files until the bucket can be reached: %s", _in_short(away))


def _bucket(settings: Settings) -> S3Store:
    config: S3Config = {
        "region": settings.s3_region,
        # Not every store knows how to delete several at once, and we never do.
        "disable_bulk_delete": True,
    }
    if settings.s3_endpoint:
        config["endpoint"] = settings.s3_endpoint
    if settings.s3_key_id and settings.s3_secret_key:
        config["access_key_id"], config["secret_access_key"] = settings.s3_key_id, settings.s3_secret_key
    return S3Store(
        settings.s3_bucket,
        prefix=settings.s3_prefix,
        config=config,
        client_options={
            "allow_http": (settings.s3_endpoint or "").startswith("http://"),
            "connect_timeout": timedelta(seconds=CONNECT_S),
            "read_timeout": timedelta(seconds=SILENCE_S),
            "timeout": timedelta(seconds=LONGEST_S),
        },
        retry_config={"max_retries": RETRIES, "retry_timeout": timedelta(seconds=RETRY_S)},
    )


@contextmanager
def _translate_store_errors(*, missing: type[NotFound | Unavailable] = NotFound) -> Iterator[None]:
    """What is not there is `missing`; any other failure of the store means that it is away, and is logged."""
    try:
        yield
    except FileNotFoundError as error:
        if missing is not NotFound:
            log.warning("the store has no place for files: %s", _in_short(error))
        raise missing from None
    except BaseError as error:
        log.warning("the store of files is away: %s", _in_short(error))
        raise Unavailable from error


def _in_short(error: Exception) -> str:
    """Without the lines that only obstore's authors understand."""
    return str(error).partition("\n\n")[0]


def _facts(meta: "ObjectMeta", name: str) -> tuple[str, bool, int, datetime, str]:
    """The fields of a `FoundFile`."""
    extension = name.rpartition(".")[2]
    # Not every store has tags, and a name belongs to one content for ever.
    etag = (meta["e_tag"] or name).strip('"')
    return ACCEPTED[extension], extension in SHOWN, meta["size"], meta["last_modified"], etag


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
    return re.sub(r"[^a-z0-9]+", "-", in_ascii(bare).lower()).strip("-")[:STEM_LENGTH].strip("-") or "file"
