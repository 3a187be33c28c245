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
    if _is_known(found):
        response = Response(b"", 304)
    elif _is_for_a_part(found):
        response = await _part(found, container, name)
    else:
        response = Response(found.chunks, content_type=found.content_type)
        response.headers["Content-Length"] = str(found.size)
    response.headers.update(_headers(found, name))
    return response


def _is_known(found: OpenFile) -> bool:
    """Whether the browser has the file already."""
    return bool(found.etag) and request.if_none_match.contains(found.etag)


def _is_for_a_part(found: OpenFile) -> bool:
    """Whether one part is asked for, and whatever the browser has already is of this very file."""
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return False
    return request.headers.get("If-Range") in (None, f'"{found.etag}"')


async def _part(found: OpenFile, container: str, name: str) -> Response:
    """The part of a sound or film that was asked for: players jump about in them, and some play nothing without."""
    span = request.range.range_for_length(found.size) if request.range is not None else None
    if span is None:
        return Response(b"", 416, headers={"Content-Range": f"bytes */{found.size}"})
    start, stop = span
    part = await current_platform().storage.open(container, name, (start, stop))
    response = Response(part.chunks, 206, content_type=found.content_type)
    response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{found.size}"
    response.headers["Content-Length"] = str(stop - start)
    return response


def _headers(found: OpenFile, name: str) -> dict[str, str]:
    shown = found.inline and found.content_type.startswith(IN_PLACE)
    return {
        "Accept-Ranges": "bytes",
        "Cache-Control": FOR_GOOD,
        "Content-Disposition": f'{"inline" if shown else "attachment"}; filename="{name}"',
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Resource-Policy": "cross-origin",
        "ETag": f'"{found.etag}"',
        "Last-Modified": format_date_time(found.modified.timestamp()),
    }
