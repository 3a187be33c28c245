"""Files of people and projects, below `/uploads`.

Whoever knows an address may read it; the names cannot be guessed. What strangers sent is never a page of this site:
only pictures, sounds and films are shown in place, all else is offered as a download, and nothing in it may run.
"""

from wsgiref.handlers import format_date_time

from quart import Blueprint, Response, request

from webapp.errors import NotFound
from webapp.http.platform import current_platform
from webapp.http.ratelimit import limited
from webapp.integrations.storage import OpenFile

blueprint = Blueprint("uploads", __name__)
FOR_GOOD = "public, max-age=31536000, immutable"
"""A name belongs to one content for ever."""
POLICY = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
IN_PLACE = ("image/", "audio/", "video/")


@blueprint.get("/uploads/<path:path>")
@limited("file", "uploads")
async def uploaded(path: str) -> Response:
    """One file; 404 where there is none."""
    container, separator, name = path.partition("/")
    if not separator:
        raise NotFound
    found = await current_platform().storage.open(container, name)
    response = _unchanged() if _is_known(found) else Response(found.chunks, content_type=found.content_type)
    response.headers.update(_headers(found, name))
    if response.status_code == 200:
        response.headers["Content-Length"] = str(found.size)
    return response


def _is_known(found: OpenFile) -> bool:
    """Whether the browser has the file already."""
    return bool(found.etag) and request.if_none_match.contains(found.etag)


def _unchanged() -> Response:
    return Response(b"", 304)


def _headers(found: OpenFile, name: str) -> dict[str, str]:
    shown = found.inline and found.content_type.startswith(IN_PLACE)
    return {
        "Cache-Control": FOR_GOOD,
        "Content-Disposition": f'{"inline" if shown else "attachment"}; filename="{name}"',
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": f'"{found.etag}"',
        "Last-Modified": format_date_time(found.modified.timestamp()),
    }
