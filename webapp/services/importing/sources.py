"""Where the rows of an import come from: an upload, or an address of somebody else's server."""

import asyncio
import re
import shutil
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from db.session import UnitOfWork
from webapp.errors import Invalid, NotFound
from webapp.i18n import gettext as _
from webapp.integrations.outbound import Outbound, OutboundError, unpacked
from webapp.integrations.storage import Storage
from webapp.services.importing import records
from webapp.services.importing.encodings import check_kind
from webapp.services.importing.records.access import Access
from webapp.services.importing.spooling import spool
from webapp.services.site.files import FilePlace, FileStore, StoredUpload

LARGEST_DOWNLOAD = 1024**3
LONGEST_DOWNLOAD_S = 600
"""A server that keeps an import waiting for longer holds up those of others."""
HEAD = 2 * 1024 * 1024
HEAD_S = 20
UPLOADS = {"localCSV": (".csv", ".tsv", ".tab", ".txt"), "localJSON": (".json", ".ndjson", ".jsonl", ".txt")}
"""Kinds of sources that are sent with the form, and how the names of such files end; the others are addresses."""
STORED_AS = {"localCSV": ("tasks.csv", "text/csv"), "localJSON": ("tasks.json", "application/json")}
JSON = "json"
JSON_TYPES = (
    "application/json",
    "application/geo+json",
    "application/ld+json",
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/json-seq",
    "text/json",
    "text/x-json",
)
TEXT_TYPES = ("text/plain", "text/csv", "application/csv", "application/octet-stream", "binary/octet-stream")
SHEET = re.compile(r"[#&?]gid=(\d+)")
PUBLISHED = re.compile(r"/d/e/|/pub(html)?(/sheet)?/?$")
"""Sheets that were published have addresses of their own."""
PAGE_OF_SHEET = re.compile(
    r"/(edit|view|htmlview|htmlembed|mobilebasic|preview|template/preview|copy|export|pub|pubhtml)(/sheet)?/?$"
)
OF_DRIVE = re.compile(r"/file(?:/u/\d+)?/d/([\w-]+)")
"""A spreadsheet as Google Drive shows its file."""
DRIVE, SHEETS = "drive.google.com", "docs.google.com"
KEPT_OF_QUERY = ("resourcekey",)
"""Without it a sheet that was shared long ago is not found; all else of a shared address is about how it is shown."""


def csv_address(kind: str, address: str) -> str:
    """Where the CSV of this source is: a spreadsheet's address is turned into that of its export."""
    if kind != "gdocs":
        return address
    parts = _of_sheets(urlsplit(address.strip()))
    asked = dict(parse_qsl(parts.query))
    sheet = SHEET.search(address)
    of_sheet = {"gid": sheet[1]} if sheet else {}
    if "key" in asked or asked.get("tqx") == "out:csv":
        return _with_query(parts, parts.path, asked | of_sheet | ({} if "tqx" in asked else {"output": "csv"}))
    if parts.path.rstrip("/").endswith("/gviz/tq"):
        return _with_query(parts, parts.path, {"tqx": "out:csv"} | asked)
    base, published = PAGE_OF_SHEET.sub("", parts.path).rstrip("/"), PUBLISHED.search(parts.path)
    if published:
        return _with_query(parts, f"{base}/pub", of_sheet | ({"single": "true"} if sheet else {}) | {"output": "csv"})
    kept = {name: asked[name] for name in KEPT_OF_QUERY if name in asked}
    return _with_query(parts, f"{base}/export", {"format": "csv"} | of_sheet | kept)


def _of_sheets(parts: SplitResult) -> SplitResult:
    """The address of a spreadsheet that is given as that of its file in Google Drive."""
    if parts.hostname != DRIVE:
        return parts
    found = OF_DRIVE.search(parts.path)
    number = found[1] if found else dict(parse_qsl(parts.query)).get("id")
    return parts._replace(netloc=SHEETS, path=f"/spreadsheets/d/{number}/edit") if number else parts


def _with_query(parts: SplitResult, path: str, query: dict[str, str]) -> str:
    return urlunsplit((parts.scheme, parts.netloc, path, urlencode(query, safe=":"), ""))


async def download(outbound: Outbound, address: str, kind: str = "csv") -> IO[bytes]:
    """The file at this address, on disk beyond a few MiB. Raises Invalid for what is no such file, OutboundError where
    the server does not answer, which may pass."""
    file = spool()
    try:
        if not await _fetch(outbound, address, kind, file, LARGEST_DOWNLOAD, LONGEST_DOWNLOAD_S):
            raise Invalid("file", _("The file at this address is larger than 1 GiB."))
    except TimeoutError as error:
        file.close()
        raise Invalid("file", _("Fetching the file took longer than 10 minutes.")) from error
    except BaseException:
        file.close()
        raise
    return file


async def download_head(outbound: Outbound, address: str, kind: str = "csv") -> tuple[IO[bytes], bool]:
    """The beginning of the file at this address, and whether that is all of it: what a request has the time for.
    Raises as `download`."""
    file = spool()
    try:
        whole = await _fetch(outbound, address, kind, file, HEAD, HEAD_S)
        if not whole:
            _cut_at_line(file)
    except TimeoutError as error:
        file.close()
        raise OutboundError(_("The other server took too long to answer.")) from error
    except BaseException:
        file.close()
        raise
    return file, whole


async def _fetch(outbound: Outbound, address: str, kind: str, file: IO[bytes], most: int, seconds: float) -> bool:
    """Write what is at the address into the file; false if there is more than that. Raises TimeoutError."""
    size = 0
    async with asyncio.timeout(seconds), outbound.stream(address) as response:
        _check_answer(kind, response.status_code, response.headers.get("content-type", ""))
        async with aclosing(unpacked(response)) as pieces:
            async for piece in pieces:
                file.write(piece[: most - size])
                size += len(piece)
                if size > most:
                    break
    file.seek(0)
    return size <= most


def _cut_at_line(file: IO[bytes]) -> None:
    """Leave out the line, and with it the character, of which only a part was fetched."""
    content = file.read()
    file.truncate(content.rfind(b"\n") + 1 or len(content))
    file.seek(0)


def _check_answer(kind: str, status: int, content_type: str) -> None:
    if status in (401, 403):
        raise Invalid("file", _("Oops! It looks like you don't have permission to access that file"))
    if status == 429 or status >= 500:
        raise OutboundError(_("The other server answers with %(status)s.", status=status))
    if status != 200:
        raise Invalid("file", _("There is no file at this address: it answers with %(status)s.", status=status))
    types = TEXT_TYPES + JSON_TYPES if kind == JSON else TEXT_TYPES
    if content_type.split(";")[0].strip().lower() not in types:
        raise Invalid("file", _("Oops! That file doesn't look like the right file."))


@dataclass
class Source:
    """A file of tasks, open; the caller closes it. And what is needed to open it again, in a job or at the next
    request."""

    kind: str
    """The name of its form: `localCSV`, `csv`, …"""
    file: IO[bytes]
    is_whole: bool = True
    """False where only its beginning was fetched."""
    address: str | None = None
    upload: StoredUpload | None = None
    """Where an upload is kept."""
    values: dict[str, Any] = field(default_factory=dict)
    """Of a source of records, what its form says."""

    @property
    def options(self) -> dict[str, Any]:
        """What `reopen` needs."""
        if self.upload is not None:
            return {"container": self.upload.container, "name": self.upload.name}
        return (
            {"records": self.kind, "values": self.values}
            if self.values
            else {"address": self.address, "kind": self.kind}
        )


async def open_address(outbound: Outbound, kind: str, address: str) -> Source:
    """The file at this address, or its beginning. Raises Invalid, also where the other server does not answer."""
    address = csv_address(kind, address)
    try:
        file, is_whole = await download_head(outbound, address, kind)
    except OutboundError as error:
        raise Invalid("file", error.message) from error
    return Source(kind, file, is_whole, address=address)


async def open_starting_point(kind: str, address: str, path: Path) -> Source:
    """A table of this site's own, which is asked of nobody."""
    file = spool()
    file.write(await asyncio.to_thread(path.read_bytes))
    file.seek(0)
    return Source(kind, file, address=address)


async def open_records(access: Access, kind: str, values: dict[str, Any]) -> Source:
    """The tasks that this service has for what its form says, or those that a request has the time for. Raises
    Invalid, also where the service does not answer."""
    try:
        file, is_whole = await records.fetch(access, kind, values, seconds=HEAD_S)
    except OutboundError as error:
        raise Invalid("file", error.message) from error
    if is_whole and not file.read(1):
        file.close()
        raise Invalid("file", _("Oops! It looks like the file is empty."))
    file.seek(0)
    return Source(kind, file, is_whole, values=values)


async def open_sent(stream: IO[bytes], filename: str, kind: str = "localCSV") -> Source:
    """A copy of the file that was sent with a request, whose own stays as it is: the same unit of work may be run
    again. Raises Invalid for what is no file of this kind."""
    stream.seek(0)
    file = spool()
    await asyncio.to_thread(shutil.copyfileobj, stream, file)
    if kind == "localCSV":
        await asyncio.to_thread(check_kind, file)
    if not filename.lower().endswith(UPLOADS[kind]):
        raise Invalid("file", _("Oops! That file doesn't look like the right file."))
    file.seek(0)
    return Source(kind, file)


async def open_kept(
    uow: UnitOfWork, files: FileStore, storage: Storage, project_id: int, name: str, kind: str = "localCSV"
) -> Source:
    """An upload that `keep` has kept. Raises Invalid where it is no more."""
    container = upload_container(project_id)
    try:
        upload = await files.find(uow, container, name)
        return Source(kind, await from_storage(storage, container, name), upload=upload)
    except NotFound:
        raise Invalid("file", _("This file is not here any more. Please choose it again.")) from None


async def keep(uow: UnitOfWork, files: FileStore, owner_id: int | None, project_id: int, source: Source) -> None:
    """Put an upload where `reopen` and `open_kept` find it; one that no import comes to need is swept away after a
    day."""
    if source.kind in UPLOADS and source.upload is None:
        place = FilePlace(upload_container(project_id), owner_id, project_id)
        stored_name, stored_type = STORED_AS[source.kind]
        source.upload = await files.store(uow, place, stored_name, source.file, stored_type)


def upload_container(project_id: int) -> str:
    """Where the uploads of this project's imports are."""
    return f"import_{project_id}"


async def reopen(access: Access, storage: Storage, options: Mapping[str, Any]) -> IO[bytes]:
    """The whole file of a source with these options. Raises as `download` and `from_storage` do."""
    if "records" in options:
        file, _is_whole = await records.fetch(access, options["records"], options["values"])
        return file
    if "address" in options:
        return await download(access.outbound, options["address"], options.get("kind", "csv"))
    return await from_storage(storage, options["container"], options["name"])


async def from_storage(storage: Storage, container: str, name: str) -> IO[bytes]:
    """An upload that was kept. Raises NotFound."""
    opened = await storage.open(container, name)
    file = spool()
    try:
        async for chunk in opened.chunks:
            file.write(chunk)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file
