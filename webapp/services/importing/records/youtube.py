"""Playlists at YouTube: a task for each film, by `playlistItems` of the Data API 3, page by page."""

import re
from collections.abc import AsyncGenerator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from webapp.errors import Invalid
from webapp.i18n import gettext as _
from webapp.services.importing.records.access import Access
from webapp.services.importing.records.documents import fetch_json

API = "https://www.googleapis.com/youtube/v3/playlistItems"
HOSTS = ("youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "youtu.be")
LIST = re.compile(r"[\w-]{2,100}")
PER_PAGE = 50
MOST_PAGES = 1000


async def infos(access: Access, values: Mapping[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
    """The films of the playlist at `playlist_url`. Raises Invalid, and OutboundError where YouTube does not answer."""
    playlist = playlist_of(str(values["playlist_url"]).strip())
    headers = {"X-Goog-Api-Key": access.site_key("youtube")}
    token = ""
    for _page in range(MOST_PAGES):
        asked = {"part": "snippet", "playlistId": playlist, "maxResults": PER_PAGE}
        address = f"{API}?{urlencode(asked | ({'pageToken': token} if token else {}))}"
        found = await fetch_json(access.outbound, address, headers=headers)
        try:
            for item in found["items"]:
                yield _info_of(str(item["snippet"]["resourceId"]["videoId"]))
            token = str(found.get("nextPageToken") or "")
        except (KeyError, TypeError, AttributeError) as error:
            raise Invalid("playlist_url", _("YouTube's answer cannot be read.")) from error
        if not token:
            return


def playlist_of(address: str) -> str:
    """The id of the playlist at this address. Raises Invalid."""
    parts = urlsplit(address)
    found = parse_qs(parts.query).get("list", [""])[0]
    if parts.scheme not in ("http", "https") or parts.hostname not in HOSTS or not LIST.fullmatch(found):
        raise Invalid("playlist_url", _("This is not the address of a playlist at YouTube."))
    return found


def _info_of(film: str) -> dict[str, Any]:
    if not LIST.fullmatch(film):
        raise KeyError(film)
    return {
        "video_url": f"https://www.youtube.com/watch?v={film}",
        "oembed": f'<iframe width="512" height="512" src="https://www.youtube.com/embed/{film}" '
        'frameborder="0" allowfullscreen></iframe>',
    }
