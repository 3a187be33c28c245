"""Files sent to the API as multipart forms, kept in storage and named in the row (02-api section 3)."""

from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import PurePath
from time import time
from typing import Any

import orjson
from werkzeug.datastructures import FileStorage

from webapp.errors import UnsupportedMedia
from webapp.http.page import Call

PART = "file"
BLOB = "blob"
"""What browsers call a file that a script made."""
WHOLE_NUMBERS = ("project_id", "task_id")


@dataclass(frozen=True)
class Upload:
    """A file that came with a payload."""

    file: FileStorage

    async def keep(self, call: Call, row: Any) -> None:
        """Store the file, and write into the row where it is."""
        name = PurePath(self.file.filename or BLOB).name
        if name == BLOB:
            name = f"{time()}.png"
        kind = guess_type(name)[0] or "application/octet-stream"
        owner = getattr(row, "user_id", None) or call.actor.user_id
        container = f"user_{owner}" if owner else "anonymous"
        stored = await call.platform.storage.put(container, name, self.file.read(), kind)
        row.media_url = call.absolute(stored.url)
        info = dict(row.info) if isinstance(row.info, dict) else {}
        row.info = info | {"container": stored.container, "file_name": stored.name}


def read_upload(call: Call) -> tuple[dict[str, Any], Upload]:
    """The fields and the file of a multipart form. Raises UnsupportedMedia without a file."""
    file = call.files.get(PART)
    if file is None:
        raise UnsupportedMedia(f"the form has no part named '{PART}'", kind="AttributeError")
    values: dict[str, Any] = dict(call.body.items())
    if "info" in values:
        try:
            values["info"] = orjson.loads(values["info"])
        except orjson.JSONDecodeError as error:
            raise UnsupportedMedia("info is not valid JSON") from error
    for name in WHOLE_NUMBERS:
        if name in values and str(values[name]).isdigit():
            values[name] = int(values[name])
    return values, Upload(file)
