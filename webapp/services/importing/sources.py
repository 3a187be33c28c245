"""Where the rows of an import come from: an upload, or an address of somebody else's server."""

import tempfile
from typing import IO

from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.integrations.outbound import Outbound, OutboundError
from webapp.integrations.storage import Storage

IN_MEMORY = 4 * 1024 * 1024
LARGEST_DOWNLOAD = 2 * 1024**3
TEXT_TYPES = ("text/plain", "text/csv", "application/csv", "application/octet-stream", "binary/octet-stream")


def csv_address(kind: str, address: str) -> str:
    """Where the CSV of this source is: a spreadsheet's address is turned into that of its export."""
    if kind != "gdocs":
        return address
    if "ccc?key" in address:
        return address + "&output=csv"
    return address.split("edit")[0].rstrip("/") + "/export?format=csv"


def _spool() -> IO[bytes]:
    """A file in memory while it is small; whoever gets it closes it."""
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)


async def download(outbound: Outbound, address: str, field: str) -> IO[bytes]:
    """The file at this address, on disk beyond a few MiB. Raises Invalid at `field`, saying what is wrong with it."""
    file = _spool()
    try:
        async with outbound.stream(address) as response:
            _check_answer(response.status_code, response.headers.get("content-type", ""), field)
            size = 0
            async for chunk in response.aiter_bytes():
                size += len(chunk)
                if size > LARGEST_DOWNLOAD:
                    raise Invalid(field, _("The file at this address is larger than 2 GiB."))
                file.write(chunk)
    except OutboundError as error:
        file.close()
        raise Invalid(field, error.message) from error
    except Invalid:
        file.close()
        raise
    file.seek(0)
    return file


def _check_answer(status: int, content_type: str, field: str) -> None:
    if status == 403:
        raise Invalid(field, _("Oops! It looks like you don't have permission to access that file"))
    if status != 200:
        raise Invalid(field, _("There is no file at this address: it answers with %(status)s.", status=status))
    if content_type.split(";")[0].strip().lower() not in TEXT_TYPES:
        raise Invalid(field, _("Oops! That file doesn't look like the right file."))


async def from_storage(storage: Storage, container: str, name: str) -> IO[bytes]:
    """An upload that was kept for the job. Raises NotFound."""
    opened = await storage.open(container, name)
    file = _spool()
    async for chunk in opened.chunks:
        file.write(chunk)
    file.seek(0)
    return file
