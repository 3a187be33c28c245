"""Sources whose tasks are records of JSON, not rows of a table: a service's own documents, made into one task a line
(docs/contract/jobs.md 5). To add one, write a module like its neighbours, and name it in `RECORDS`."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import IO, Any

from db import json
from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.services.importing.records import dropbox, epicollect, flickr, iiif, s3, twitter, youtube
from webapp.services.importing.records.access import Access
from webapp.services.importing.spooling import spool

Infos = AsyncGenerator[dict[str, Any], None]
LARGEST = 1024**3
SEALED = "gAAAA"
"""How a sealed text begins; no secret of these services does."""
RECORDS: dict[str, Callable[[Access, Mapping[str, Any]], Infos]] = {
    "epicollect": epicollect.infos,
    "iiif": iiif.infos,
    "s3": s3.infos,
    "dropbox": dropbox.infos,
    "flickr": flickr.infos,
    "youtube": youtube.infos,
    "twitter": twitter.infos,
}
"""By the names of their forms: what makes the tasks' infos of the form's values. Raises Invalid, and OutboundError
where the other server does not answer."""

SECRETS = {"s3": ("secret_key",), "twitter": ("user_credentials",)}
"""What owners write into those forms that nobody is shown again: sealed (`Access.seal`) wherever it is kept."""


def sealed(access: Access, kind: str, values: Mapping[str, Any], project_id: int) -> dict[str, Any]:
    """The values of a form with its secrets sealed; those that are so already stay. Raises Invalid for one that was
    sealed for another project."""
    kept = dict(values)
    for name in SECRETS.get(kind, ()):
        text = str(kept.get(name) or "")
        if text.startswith(SEALED):
            access.unseal(text, project_id)
        else:
            kept[name] = access.seal(text, project_id)
    return kept


def metadata(kind: str, file: IO[bytes], values: Mapping[str, Any]) -> dict[str, str]:
    """What the next import of this source has to know of this one, by the names of its values."""
    if kind != "twitter":
        return {}
    file.seek(0)
    found = twitter.last_id([json.loads(line) for line in file], str(values.get("last_id") or ""))
    file.seek(0)
    return {"last_id": found} if found else {}


async def fetch(
    access: Access, kind: str, values: Mapping[str, Any], *, seconds: float | None = None
) -> tuple[IO[bytes], bool]:
    """The tasks of this source, as JSON on a line each, and whether these are all: with `seconds`, those that came
    within them. The caller closes the file. Raises as the source does, and Invalid beyond 1 GiB."""
    file = spool()
    limit = asyncio.timeout(seconds)
    try:
        async with limit, aclosing(RECORDS[kind](access, values)) as infos:
            size = 0
            async for info in infos:
                size += file.write(json.dumps(info) + b"\n")
                if size > LARGEST:
                    raise Invalid("file", _("There is more than 1 GiB of tasks."))
    except BaseException as error:
        if not (isinstance(error, TimeoutError) and limit.expired()):
            file.close()
            raise
    file.seek(0)
    return file, not limit.expired()
