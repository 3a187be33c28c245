"""Files of a bucket, at Amazon S3 or in any store that speaks its language: a task for each, with what its kind of
presenter needs. Whoever answers reads the files from there, so that everybody must be able to; a key is for their list
alone."""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.services.importing.records.access import Access
from webapp.services.importing.records.listing import Key, keys_of_bucket
from webapp.services.importing.records.media import media_of

BUCKET = re.compile(r"[a-z0-9]([a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
"""What Amazon lets be a bucket's name: it becomes part of a host."""
REGION = re.compile(r"[a-z0-9-]{1,60}")
DEFAULT_REGION = "us-east-1"
MOST_FILES = 100_000


@dataclass(frozen=True)
class Bucket:
    """A bucket, and where it is."""

    name: str
    url: str
    """Where its list is, and its files below it."""
    region: str

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Bucket":
        """The bucket that a form names. Raises Invalid."""
        name = str(values["bucket"]).strip()
        endpoint, region = (str(values.get(field) or "").strip() for field in ("endpoint", "region"))
        if not BUCKET.fullmatch(name):
            raise Invalid("bucket", _("This is no name of a bucket."))
        if region and not REGION.fullmatch(region):
            raise Invalid("region", _("This is no name of a region."))
        if endpoint:
            return cls(name, f"{_store(endpoint)}/{name}", region or DEFAULT_REGION)
        if region or "." in name:
            # A certificate for *.s3.amazonaws.com is none for a name with dots.
            store = amazon(region)
            return cls(name, f"{store}/{name}", region or DEFAULT_REGION)
        return cls(name, host(name), DEFAULT_REGION)


def _store(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise Invalid("endpoint", _("This must be the store's address alone: https://s3.example.org"))
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


async def infos(access: Access, values: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
    """The `files` of the `bucket`; without any, all that its list has under `prefix`. Raises Invalid, and
    OutboundError where the list does not come."""
    bucket = Bucket.of(values)
    names = [str(name) for name in values.get("files") or [] if name]
    if names:
        for name in names:
            yield info_of(bucket, name)
        return
    key_id, secret = str(values.get("key_id") or "").strip(), access.unseal(str(values.get("secret_key") or ""))
    if bool(key_id) != bool(secret):
        raise Invalid("key_id", _("A key has an id and a secret: write both, or none."))
    key = Key(key_id, secret, bucket.region) if key_id else None
    n_files = 0
    async for name in keys_of_bucket(access.outbound, bucket.url, str(values.get("prefix") or ""), key):
        n_files += 1
        if n_files > MOST_FILES:
            raise Invalid("bucket", _("The bucket has more than %(most)s files: name a folder of it.", most=MOST_FILES))
        yield info_of(bucket, name)


def host(bucket: str) -> str:
    """The address of a bucket at Amazon."""
    return f"https://{bucket}.s3.amazonaws.com"


def amazon(region: str) -> str:
    """The address of Amazon's store in this region, or of that which knows of all."""
    return f"https://s3.{region}.amazonaws.com" if region else "https://s3.amazonaws.com"


def info_of(bucket: Bucket, name: str) -> dict[str, Any]:
    """The task of one file."""
    url = f"{bucket.url}/{quote(name)}"
    return {"filename": name, "url": url, "link": url} | media_of(name, url, url)
