"""Files sent to the API as multipart forms, kept in storage and named in the row (02-api section 3)."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from mimetypes import guess_type
from pathlib import PurePath
from time import time
from typing import Any

import orjson
from werkzeug.datastructures import FileStorage

from webapp.api.arguments import is_number, parse_json
from webapp.errors import UnsupportedMedia
from webapp.http.page import Call

PART = "file"
BLOB = "blob"
"""What browsers call a file that a script made."""
NOT_AN_OBJECT = "info must be an object where a file comes with it: it says where the file is"
WHOLE_NUMBERS = ("project_id", "task_id")


@dataclass(frozen=True)
class Upload:
    """A file that came with a payload."""

    file: FileStorage

    async def keep(self, call: Call, row: Any, containers: tuple[str, ...]) -> None:
        """Store the file in the first of the containers, and write into the row where it is, in place of the one
        before. If the unit of work fails after all, the file goes again."""
        info = {} if row.info is None else row.info
        if not isinstance(info, dict):
            raise UnsupportedMedia(NOT_AN_OBJECT)
        name = PurePath(self.file.filename or BLOB).name
        if name == BLOB:
            name = f"{time()}.png"
        kind = guess_type(name)[0] or "application/octet-stream"
        # The same unit of work may be run again, and then reads the same file.
        self.file.stream.seek(0)
        storage = call.platform.storage
        stored = await storage.put(containers[0], name, self.file.read(), kind)
        call.uow.after_rollback(partial(storage.remove, stored.container, stored.name))
        forget(call, row, containers)
        row.media_url = call.absolute(stored.url)
        row.info = info | {"container": stored.container, "file_name": stored.name}


def forget(call: Call, row: Any, containers: Collection[str]) -> None:
    """Remove the row's file once the change is committed.

    Owners write `info` as they like, so only containers are believed that the row's own files go to: naming somebody
    else's file there must not remove it.
    """
    info = row.info if isinstance(row.info, dict) else {}
    container, name = info.get("container"), info.get("file_name")
    if isinstance(container, str) and isinstance(name, str) and container in containers:
        call.uow.after_commit(partial(call.platform.storage.remove, container, name))


def read_upload(call: Call) -> tuple[dict[str, Any], Upload]:
    """The fields and the file of a multipart form. Raises UnsupportedMedia without a file."""
    file = call.files.get(PART)
    if file is None:
        raise UnsupportedMedia(f"the form has no part named '{PART}'", kind="AttributeError")
    values: dict[str, Any] = dict(call.body.items())
    if "info" in values:
        try:
            values["info"] = parse_json(values["info"].encode())
        except orjson.JSONDecodeError as error:
            raise UnsupportedMedia("info is not valid JSON") from error
        if not isinstance(values["info"], dict):
            raise UnsupportedMedia(NOT_AN_OBJECT)
    for name in WHOLE_NUMBERS:
        if name in values and is_number(str(values[name])):
            values[name] = int(values[name])
    return values, Upload(file)
