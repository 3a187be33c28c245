"""Where the rows of an import come from: an upload, or an address of somebody else's server."""

import asyncio
import re
import tempfile
from contextlib import aclosing
from typing import IO
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.integrations.outbound import Outbound, OutboundError, unpacked
from webapp.integrations.storage import Storage

IN_MEMORY = 4 * 1024 * 1024
LARGEST_DOWNLOAD = 1024**3
LONGEST_DOWNLOAD_S = 600
"""A server that keeps an import waiting for longer holds up those of others."""
HEAD = 2 * 1024 * 1024
HEAD_S = 20
TEXT_TYPES = ("text/plain", "text/csv", "application/csv", "application/octet-stream", "binary/octet-stream")
SHEET = re.compile(r"[#&?]gid=(\d+)")
PUBLISHED = re.compile(r"/d/e/|/pub(html)?/?$")
"""Sheets that were published have addresses of their own."""
PAGE_OF_SHEET = re.compile(r"/(edit|view|htmlview|preview|copy|export|pub|pubhtml)/?$")


def csv_address(kind: str, address: str) -> str:
    """Where the CSV of this source is: a spreadsheet's address is turned into that of its export."""
    if kind != "gdocs":
        return address
    parts = urlsplit(address)
    asked = dict(parse_qsl(parts.query))
    if "key" in asked or asked.get("tqx") == "out:csv":
        return _with_query(parts, parts.path, asked | ({} if "tqx" in asked else {"output": "csv"}))
    base, published = PAGE_OF_SHEET.sub("", parts.path).rstrip("/"), PUBLISHED.search(parts.path)
    sheet = SHEET.search(address)
    of_sheet = {"gid": sheet[1]} if sheet else {}
    if published:
        return _with_query(parts, f"{base}/pub", of_sheet | ({"single": "true"} if sheet else {}) | {"output": "csv"})
    return _with_query(parts, f"{base}/export", {"format": "csv"} | of_sheet)


def _with_query(parts: SplitResult, path: str, query: dict[str, str]) -> str:
    return urlunsplit((parts.scheme, parts.netloc, path, urlencode(query, safe=":"), ""))


def spool() -> IO[bytes]:
    """A file in memory while it is small; whoever gets it closes it."""
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)


async def download(outbound: Outbound, address: str) -> IO[bytes]:
    """The file at this address, on disk beyond a few MiB. Raises Invalid for what is no such file, OutboundError where
    the server does not answer, which may pass."""
    file = spool()
    try:
        if not await _fetch(outbound, address, file, LARGEST_DOWNLOAD, LONGEST_DOWNLOAD_S):
            raise Invalid("file", _("The file at this address is larger than 1 GiB."))
    except TimeoutError as error:
        file.close()
        raise Invalid("file", _("Fetching the file took longer than 10 minutes.")) from error
    except BaseException:
        file.close()
        raise
    return file


async def download_head(outbound: Outbound, address: str) -> tuple[IO[bytes], bool]:
    """The beginning of the file at this address, and whether that is all of it: what a request has the time for.
    Raises as `download`."""
    file = spool()
    try:
        whole = await _fetch(outbound, address, file, HEAD, HEAD_S)
        if not whole:
            _cut_at_line(file)
    except TimeoutError as error:
        file.close()
        raise OutboundError(_("The other server took too long to answer.")) from error
    except BaseException:
        file.close()
        raise
    return file, whole


async def _fetch(outbound: Outbound, address: str, file: IO[bytes], most: int, seconds: float) -> bool:
    """Write what is at the address into the file; false if there is more than that. Raises TimeoutError."""
    size = 0
    async with asyncio.timeout(seconds), outbound.stream(address) as response:
        _check_answer(response.status_code, response.headers.get("content-type", ""))
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


def _check_answer(status: int, content_type: str) -> None:
    if status in (401, 403):
        raise Invalid("file", _("Oops! It looks like you don't have permission to access that file"))
    if status == 429 or status >= 500:
        raise OutboundError(_("The other server answers with %(status)s.", status=status))
    if status != 200:
        raise Invalid("file", _("There is no file at this address: it answers with %(status)s.", status=status))
    if content_type.split(";")[0].strip().lower() not in TEXT_TYPES:
        raise Invalid("file", _("Oops! That file doesn't look like the right file."))


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
