"""Files sent to the API as multipart forms, kept in storage and named in the row (docs/contract/api.md 3)."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from os import SEEK_END
from pathlib import PurePath
from time import time
from typing import IO, Any

from werkzeug.datastructures import FileStorage

from db import json
from webapp.api.arguments import is_number
from webapp.api.well_formed import well_formed
from webapp.errors import Invalid, TooLarge, UnsupportedMedia
from webapp.http.json import parse_json
from webapp.http.page import RequestContext
from webapp.integrations.kinds import HEAD_BYTES, kind_of
from webapp.integrations.pictures import FORMAT_OF, rewritten
from webapp.services.site.files import FilePlace, StoredUpload

MIB = 1024 * 1024
PART = "file"
BLOB = "blob"
"""What browsers call a file that a script made."""
NOT_AN_OBJECT = "info must be an object where a file comes with it: it says where the file is"
WHOLE_NUMBERS = ("project_id", "task_id")


@dataclass(frozen=True)
class Upload:
    """A file that came with a payload."""

    file: FileStorage

    async def store(self, ctx: RequestContext, info: Any, place: FilePlace) -> tuple[StoredUpload, dict[str, Any]]:
        """Store the file as what it turns out to be, for a caller who may: it is looked into here. Returns it, to be
        attached, and the values of its row that say where it is.

        Raises UnsupportedMedia for kinds that are not accepted, TooLarge, and Unavailable without the store.
        """
        info = {} if info is None else info
        if not isinstance(info, dict):
            raise UnsupportedMedia(NOT_AN_OBJECT)
        self._check_size(ctx.settings.max_file_mib)
        name = PurePath(self.file.filename or BLOB).name
        kind = kind_of(self._head(), name)
        if name == BLOB:
            name = str(time())
        with await self._clean(kind) as content:
            stored = await ctx.app_services.file_store.store(ctx.uow, place, name, content, kind)
        where = {"container": stored.container, "file_name": stored.name}
        return stored, {"media_url": ctx.absolute(stored.url), "info": info | where}

    def _check_size(self, most_mib: int) -> None:
        if self.file.stream.seek(0, SEEK_END) > most_mib * MIB:
            raise TooLarge(f"A file may have at most {most_mib} MiB.")

    def _head(self) -> bytes:
        self.file.stream.seek(0)
        return self.file.stream.read(HEAD_BYTES)

    async def _clean(self, kind: str) -> AbstractContextManager[IO[bytes]]:
        """The file from its beginning, pictures as they are drawn anew. It stays open: the same unit of work may be run
        again, and then reads it again."""
        if kind not in FORMAT_OF:
            self.file.stream.seek(0)
            return nullcontext(self.file.stream)
        try:
            return await rewritten(self.file.stream, kind)
        except Invalid as wrong:
            raise UnsupportedMedia(wrong.message) from wrong


def read_upload(ctx: RequestContext) -> tuple[dict[str, Any], Upload]:
    """The fields and the file of a multipart form. Raises UnsupportedMedia without a file."""
    file = ctx.files.get(PART)
    if file is None:
        raise UnsupportedMedia(f"the form has no part named '{PART}'", kind="AttributeError")
    values: dict[str, Any] = dict(ctx.body.items())
    if "info" in values:
        try:
            values["info"] = parse_json(well_formed(values["info"].encode()))
        except json.JSONDecodeError as error:
            raise UnsupportedMedia("info is not valid JSON") from error
        if not isinstance(values["info"], dict):
            raise UnsupportedMedia(NOT_AN_OBJECT)
    for name in WHOLE_NUMBERS:
        if name in values and is_number(str(values[name])):
            values[name] = int(values[name])
    return values, Upload(file)
