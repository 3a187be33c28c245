"""Albums at Flickr: a task for each public photo, by `flickr.photosets.getPhotos`, page by page."""

import re
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.integrations.outbound import OutboundError
from webapp.services.importing.records.access import Access
from webapp.services.importing.records.documents import fetch_json

API = "https://api.flickr.com/services/rest/"
PHOTOS, PAGES = "https://live.staticflickr.com", "https://www.flickr.com/photos"
ALBUM = re.compile(r"(?:.*/(?:albums|sets)/)?(\d{1,30})/?(?:[?#].*)?")
PER_PAGE = 500
MOST_PAGES = 200
NOT_FOUND = (1, 2)
AWAY = (105, 106)
"""Of Flickr's codes of errors, those that may pass."""


async def infos(access: Access, values: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
    """The photos of the album `album_id`, a number or the album's address. Raises Invalid, and OutboundError where
    Flickr does not answer."""
    found = ALBUM.fullmatch(str(values["album_id"]).strip())
    if found is None:
        raise Invalid("album_id", _("This is neither an album's number nor its address."))
    key = access.site_key("flickr")
    for number in range(1, MOST_PAGES + 1):
        album = _album(await fetch_json(access.outbound, _address(key, found[1], number), called=API))
        for photo in album["photo"]:
            yield _info_of(photo, str(album.get("owner", "")))
        if number >= int(album.get("pages", 1)) or not album["photo"]:
            return


def _address(key: str, album: str, number: int) -> str:
    asked = {
        "method": "flickr.photosets.getPhotos",
        "api_key": key,
        "photoset_id": album,
        "per_page": PER_PAGE,
        "page": number,
        "format": "json",
        "nojsoncallback": 1,
    }
    return f"{API}?{urlencode(asked)}"


def _album(answer: Any) -> dict[str, Any]:
    """The page of the album. Raises Invalid, or OutboundError for what may pass."""
    told = answer if isinstance(answer, dict) else {}
    if told.get("stat") == "fail":
        if told.get("code") in NOT_FOUND:
            raise Invalid("album_id", _("There is no such album at Flickr."))
        message = _("Flickr says: %(told)s", told=str(told.get("message", ""))[:200])
        raise OutboundError(message) if told.get("code") in AWAY else Invalid("album_id", message)
    album = told.get("photoset")
    if not isinstance(album, dict) or not isinstance(album.get("photo"), list):
        raise Invalid("album_id", _("Flickr's answer cannot be read."))
    return album


def _info_of(photo: dict[str, Any], owner: str) -> dict[str, Any]:
    try:
        url = f"{PHOTOS}/{photo['server']}/{photo['id']}_{photo['secret']}"
        return {
            "title": photo.get("title", ""),
            "url": f"{url}.jpg",
            "url_m": f"{url}_m.jpg",
            "url_b": f"{url}_b.jpg",
            "link": f"{PAGES}/{quote(str(photo.get('owner') or owner))}/{photo['id']}",
        }
    except (KeyError, TypeError) as error:
        raise Invalid("album_id", _("Flickr's answer cannot be read.")) from error
