"""Files of a bucket at Amazon S3 that everybody may read: a task for each, with what its kind of presenter needs."""

import re
from collections.abc import AsyncGenerator, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.integrations.outbound import Outbound
from webapp.services.importing.records.listing import keys_of_bucket

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""What Amazon lets be a bucket's name: it becomes part of a host."""
PICTURES = ("png", "jpg", "jpeg", "gif")
FILMS = ("mp4", "m4v", "ogg", "ogv", "webm", "avi")
SOUNDS = ("mp4", "m4a", "ogg", "oga", "webm", "wav", "mp3")
MOST_FILES = 100_000


async def infos(outbound: Outbound, values: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
    """The `files` of the `bucket`; without any, all that its list has under `prefix`. Raises Invalid, and
    OutboundError where the list does not come."""
    bucket = str(values["bucket"]).strip()
    if not BUCKET.fullmatch(bucket):
        raise Invalid("bucket", _("This is no name of a bucket."))
    names = [str(name) for name in values.get("files") or [] if name]
    if not names:
        names = await keys_of_bucket(outbound, host(bucket), str(values.get("prefix") or ""), most=MOST_FILES)
    for name in names:
        yield info_of(bucket, name)


def host(bucket: str) -> str:
    """The address of the bucket."""
    return f"https://{bucket}.s3.amazonaws.com"


def info_of(bucket: str, name: str) -> dict[str, Any]:
    """The task of one file."""
    url = f"{host(bucket)}/{quote(name)}"
    info = {"filename": name, "url": url, "link": url}
    kind = PurePosixPath(name).suffix.lower().lstrip(".")
    if kind in PICTURES:
        info |= {"url_m": url, "url_b": url, "title": name}
    if kind in FILMS:
        info |= {"video_url": url}
    if kind in SOUNDS:
        info |= {"audio_url": url}
    if kind == "pdf":
        info |= {"pdf_url": url}
    return info
