"""IIIF manifests: a task for each image of a book, map or newspaper, by the Presentation API 2 or 3."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.services.importing.records.access import Access
from webapp.services.importing.records.documents import fetch_json

VIEWER = "http://universalviewer.io/uv.html"
MIDDLE, LARGE = 240, 1024
"""Pixels of the width of `url_m` and `url_b`."""


async def infos(access: Access, values: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
    """The images of the manifest at `manifest_uri`. Raises as `fetch_json`."""
    address = str(values["manifest_uri"]).strip()
    manifest = await fetch_json(access.outbound, address)
    try:
        for place, canvas, service, size in _images(manifest):
            yield {
                "tileSource": f"{service}/info.json",
                "target": canvas,
                "manifest": address,
                "link": f"{VIEWER}?{urlencode({'manifest': address})}#?cv={place}",
                "url": f"{service}/full/{size}/0/default.jpg",
                "url_m": f"{service}/full/{MIDDLE},/0/default.jpg",
                "url_b": f"{service}/full/{LARGE},/0/default.jpg",
            }
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise Invalid("file", _("This is no manifest of IIIF's Presentation API 2 or 3.")) from error


def _images(manifest: Any) -> Iterator[tuple[int, str, str, str]]:
    """Each image: the place of its canvas, the canvas's id, the address of its image service, and the word by which
    that gives the whole image."""
    if "sequences" in manifest:
        for place, canvas in enumerate(manifest["sequences"][0]["canvases"]):
            for image in canvas["images"]:
                yield place, canvas["@id"], _service(image["resource"]["service"]), "full"
        return
    for place, canvas in enumerate(manifest["items"]):
        for page in canvas["items"]:
            for annotation in page["items"]:
                yield place, canvas["id"], _service(annotation["body"]["service"]), "max"


def _service(found: Any) -> str:
    """The address of the image service, one of several perhaps, without a slash at its end."""
    one = found[0] if isinstance(found, list) else found
    return str(one["id"] if "id" in one else one["@id"]).rstrip("/")
