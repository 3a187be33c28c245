"""The list of a bucket, as S3 gives it to everybody: pages of XML."""

from urllib.parse import urlencode
from xml.etree.ElementTree import ParseError, fromstring

from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.integrations.outbound import Outbound
from webapp.services.importing.records.documents import fetch_document

MOST_PAGES = 1000


async def keys_of_bucket(outbound: Outbound, bucket_url: str, prefix: str, *, most: int) -> list[str]:
    """The names of the files under this prefix, but for folders. Raises Invalid for a list that is none, or of more
    than `most`; OutboundError where the server does not answer."""
    keys: list[str] = []
    token = ""
    for _page in range(MOST_PAGES):
        asked = {"list-type": "2", "prefix": prefix} | ({"continuation-token": token} if token else {})
        page, token = _read(await fetch_document(outbound, f"{bucket_url}/?{urlencode(asked)}"))
        keys += [key for key in page if not key.endswith("/")]
        if len(keys) > most:
            raise Invalid("bucket", _("The bucket has more than %(most)s files: name a folder of it.", most=most))
        if not token:
            return keys
    return keys


def _read(content: bytes) -> tuple[list[str], str]:
    """The keys of one page, and the token of the next, "" for the last."""
    try:
        root = fromstring(content)  # noqa: S314 - expat itself bounds how entities expand
    except ParseError as error:
        raise Invalid("bucket", _("The bucket's list cannot be read.")) from error
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    keys = [one.findtext(f"{space}Key") or "" for one in root.iter(f"{space}Contents")]
    return keys, root.findtext(f"{space}NextContinuationToken") or ""
