"""Sources whose tasks are records of JSON, not rows of a table: a service's own documents, made into one task a line
(docs/contract/jobs.md 5). To add one, write a module like its neighbours, and name it in `RECORDS`."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import IO, Any

from db import json
from webapp.integrations.outbound import Outbound
from webapp.services.importing.records import epicollect, iiif, s3
from webapp.services.importing.spooling import spool

Infos = AsyncIterator[dict[str, Any]]
RECORDS: dict[str, Callable[[Outbound, Mapping[str, Any]], Infos]] = {
    "epicollect": epicollect.infos,
    "iiif": iiif.infos,
    "s3": s3.infos,
}
"""By the names of their forms: what makes the tasks' infos of the form's values. Raises Invalid, and OutboundError
where the other server does not answer."""


async def fetch(outbound: Outbound, kind: str, values: Mapping[str, Any]) -> IO[bytes]:
    """The tasks of this source, as JSON on a line each; whoever gets the file closes it. Raises as the source does."""
    file = spool()
    try:
        async for info in RECORDS[kind](outbound, values):
            file.write(json.dumps(info) + b"\n")
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file
