"""Files of people and projects, below `/uploads`.

Whoever knows an address may read it; the names cannot be guessed. What strangers sent is never a page of this site:
only pictures, sounds and films are shown in place, all else is offered as a download, and nothing in it may run.
"""

from collections.abc import AsyncIterator
from wsgiref.handlers import format_date_time

from quart import Blueprint, Response, request

from webapp.errors import NotFound
from webapp.http.app_services import current_services
from webapp.http.compression import is_compressible
from webapp.http.limits.ratelimit import limited
from webapp.integrations.storage import FoundFile, OpenFile

blueprint = Blueprint("uploads", __name__)
FOR_GOOD = "public, max-age=31536000, immutable"
"""A name belongs to one content for ever."""
POLICY = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
IN_PLACE = ("image/", "audio/", "video/")
TEXT_IN_ONE_PIECE = 1024 * 1024
"""Bytes of a text that is read before it is sent, so that it is compressed on its way as all answers are."""


@blueprint.get("/uploads/<path:path>")
@limited("file", "uploads")
async def uploaded(path: str) -> Response:
    """One file; 404 where there is none."""
    container, separator, name = path.partition("/")
    if not separator:
        raise NotFound
    storage = current_services().storage
    if request.method == "HEAD" or "If-None-Match" in request.headers or "Range" in request.headers:
        found = await storage.find(container, name)
        response = await _answer(found, container, name)
    else:
        found = opened = await storage.open(container, name)
        response = await _opened(opened)
    response.headers.update(_headers(found, name))
    return response


async def _answer(found: FoundFile, container: str, name: str) -> Response:
    """What is asked for may be less than the whole file, which is not read in vain."""
    if _is_known(found):
        return Response(b"", 304)
    if request.method == "HEAD" and not _is_short_text(found):
        return _whole(found, b"")
    if _is_for_a_part(found):
        return await _part(found, container, name)
    return await _opened(await current_services().storage.open(container, name))


async def _opened(file: OpenFile) -> Response:
    if _is_short_text(file):
        return _whole(file, b"".join([chunk async for chunk in file.chunks]))
    return _whole(file, file.chunks)


def _is_short_text(found: FoundFile) -> bool:
    return found.size <= TEXT_IN_ONE_PIECE and is_compressible(found.content_type)


def _whole(found: FoundFile, content: AsyncIterator[bytes] | bytes) -> Response:
    response = Response(content, content_type=found.content_type)
    response.headers["Content-Length"] = str(found.size)
    return response


def _is_known(found: FoundFile) -> bool:
    """Whether the browser has the file already."""
    return bool(found.etag) and request.if_none_match.contains_weak(found.etag)


def _is_for_a_part(found: FoundFile) -> bool:
    """Whether one part is asked for, and whatever the browser has already is of this very file."""
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return False
    return request.headers.get("If-Range") in (None, f'"{found.etag}"')


async def _part(found: FoundFile, container: str, name: str) -> Response:
    """The part of a sound or film that was asked for: players jump about in them, and some play nothing without."""
    span = request.range.range_for_length(found.size) if request.range is not None else None
    if span is None:
        return Response(b"", 416, headers={"Content-Range": f"bytes */{found.size}"})
    start, stop = span
    part = await current_services().storage.open(container, name, (start, stop))
    response = Response(part.chunks, 206, content_type=found.content_type)
    response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{found.size}"
    response.headers["Content-Length"] = str(stop - start)
    return response


def _headers(found: FoundFile, name: str) -> dict[str, str]:
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
