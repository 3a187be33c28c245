"""The list of a bucket, as stores that speak S3's language give it: pages of XML."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from urllib.parse import urlencode
from xml.etree.ElementTree import ParseError, fromstring

from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.integrations.outbound import Outbound
from webapp.services.importing.records.documents import fetch_document
from webapp.services.importing.records.signing import signed

MOST_PAGES = 1000


@dataclass(frozen=True)
class Key:
    """An owner's key to a store."""

    id: str
    secret: str = field(repr=False)
    region: str


async def keys_of_bucket(
    outbound: Outbound, bucket_url: str, prefix: str, key: Key | None = None
) -> AsyncGenerator[str, None]:
    """The names of the files under this prefix, but for folders. Raises Invalid for a list that is none; OutboundError
    where the server does not answer."""
    token = ""
    for _page in range(MOST_PAGES):
        asked = {"list-type": "2", "prefix": prefix} | ({"continuation-token": token} if token else {})
        if key is None:
            address = f"{bucket_url}/?{urlencode(asked)}"
        else:
            address = signed(bucket_url, asked, key.id, key.secret, key.region)
        names, token = _read(await fetch_document(outbound, address))
        for name in names:
            if not name.endswith("/"):
                yield name
        if not token:
            return


def _read(content: bytes) -> tuple[list[str], str]:
    """The keys of one page, and the token of the next, "" for the last."""
    try:
        root = fromstring(content)  # noqa: S314 - expat itself bounds how entities expand
    except ParseError as error:
        raise Invalid("bucket", _("The bucket's list cannot be read.")) from error
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    keys = [one.findtext(f"{space}Key") or "" for one in root.iter(f"{space}Contents")]
    return keys, root.findtext(f"{space}NextContinuationToken") or ""
