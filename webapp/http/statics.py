"""Static files: ours and the built ones of packages. The addresses that our pages name carry a hash, so browsers keep
them for good; those that presenters know are asked about again, by their tag, once a day. Texts are sent as the build
has compressed them."""

from functools import lru_cache
from mimetypes import guess_type
from os.path import isfile
from pathlib import Path

from quart import Blueprint, Response, request, send_file
from werkzeug.security import safe_join

from webapp.errors import NotFound
from webapp.http.assets import STATIC_DIR, SUFFIXES, sibling
from webapp.http.compression import preferred
from webapp.http.etags import etag_of

blueprint = Blueprint("static", __name__)
FOR_GOOD = "public, max-age=31536000, immutable"
"""For names that carry a hash of their content."""
A_DAY = "public, max-age=86400, stale-while-revalidate=604800"
"""For addresses that presenters know: what is there changes when the site is upgraded. PYBOSSA said twelve hours."""
IN_ONE_PIECE = 256 * 1024
"""Bytes."""

INCLUDED = "js/vendor/included.js"
JQUERY = "vendor/jquery/jquery.min.js"
BOOTSTRAP = "vendor/bootstrap/js/bootstrap.min.js"
BOOTSTRAP_CSS = "vendor/bootstrap/css/bootstrap.min.css"
THEME_FILES: dict[str, str] = {
    "vendor/jquery.js": JQUERY,
    "js/vendor/jquery-2.2.3.js": JQUERY,
    "js/vendor/jquery-2.2.3.min.js": JQUERY,
    "js/vendor/bootstrap.js": BOOTSTRAP,
    "js/vendor/bootstrap.min.js": BOOTSTRAP,
    "js/vendor/json2.min.js": INCLUDED,
    "js/vendor/modernizr.min.js": INCLUDED,
    "js/vendor/modernizr-2.7.1.min.js": INCLUDED,
    "js/flashmessages.js": INCLUDED,
    "js/pdf/pdf.worker.js": INCLUDED,
    "css/bootstrap.min.css": BOOTSTRAP_CSS,
    "css/font-awesome.min.css": "vendor/font-awesome/css/font-awesome.min.css",
    "vendor/bootstrap/2.2.1/css/bootstrap.css": BOOTSTRAP_CSS,
    "vendor/bootstrap/2.2.1/css/bootstrap.min.css": BOOTSTRAP_CSS,
    "vendor/bootstrap/2.2.1/css/bootstrap-responsive.css": BOOTSTRAP_CSS,
    "vendor/bootstrap/2.2.1/css/bootstrap-responsive.min.css": BOOTSTRAP_CSS,
    "vendor/bootstrap/2.2.1/js/bootstrap.js": BOOTSTRAP,
    "vendor/bootstrap/2.2.1/js/bootstrap.min.js": BOOTSTRAP,
}
"""Addresses of the original's theme that presenters name, and the file that answers there
(docs/contract/clients.md 1.4)."""


@blueprint.get("/static/<path:filename>")
async def static(filename: str) -> Response:
    """One file of `webapp/static`; 404 where there is none. It never leaves that folder."""
    filename = THEME_FILES.get(filename, filename)
    plain = _found(filename)
    if plain is None:
        raise NotFound
    coding, path = _smallest(filename) or (None, plain)
    response = await _whole(path, guess_type(filename)[0] or "application/octet-stream")
    response.set_etag(_content_tag(plain, _changed(plain)) + (f"-{coding}" if coding else ""))
    if coding:
        response.headers["Content-Encoding"] = coding
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = FOR_GOOD if filename.startswith("vendor/built/") else A_DAY
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    await response.make_conditional(request, accept_ranges=True, complete_length=_size(path))
    return response


def _smallest(filename: str) -> tuple[str, str] | None:
    """The compressed sibling that the caller likes best, and then the smallest, of those that the build has left: its
    coding and its path."""
    found = {coding: path for coding in SUFFIXES if (path := _found(sibling(filename, coding))) is not None}
    coding = preferred(request.headers.get("Accept-Encoding", ""), tuple(found))
    return None if coding is None else (coding, found[coding])


async def _whole(path: str, kind: str) -> Response:
    """The whole file: at once if it is small, as reading it costs less than a thread for each piece."""
    if _size(path) > IN_ONE_PIECE:
        return await send_file(path, kind, add_etags=False)
    return Response(_read(path), mimetype=kind)


def _found(filename: str) -> str | None:
    """The path of this file of the folder; None if it has none. What the system would not take for a name (too long,
    say) is no file either."""
    path = safe_join(str(STATIC_DIR), filename)
    return path if path is not None and isfile(path) else None  # noqa: PTH113 -- Path.is_file raises for long names


def _size(path: str) -> int:
    return Path(path).stat().st_size


def _changed(path: str) -> int:
    return Path(path).stat().st_mtime_ns


def _read(path: str) -> bytes:
    return Path(path).read_bytes()


@lru_cache(maxsize=1024)
def _content_tag(path: str, _changed_ns: int) -> str:
    """The tag of a file: of its content, so that it is the same on each machine of a site."""
    return etag_of(_read(path))
