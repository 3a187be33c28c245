"""Static files: ours and the built ones of packages. Their addresses carry a hash, so browsers may keep them for
good."""

from mimetypes import guess_type
from os.path import isfile

from quart import Blueprint, Response, request, send_from_directory
from werkzeug.security import safe_join

from webapp.errors import NotFound
from webapp.http.assets import STATIC_DIR

blueprint = Blueprint("static", __name__)
FOR_GOOD = "public, max-age=31536000, immutable"
A_WHILE = "public, max-age=600"

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
    packed = _packed(filename)
    served = packed or filename
    if not _is_there(served):
        raise NotFound
    response = await send_from_directory(STATIC_DIR, served, mimetype=guess_type(filename)[0], conditional=True)
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    addressed = "v" in request.args or filename.startswith("vendor/built/")
    response.headers["Cache-Control"] = FOR_GOOD if addressed else A_WHILE
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _packed(filename: str) -> str | None:
    """The compressed twin that the build left beside a file, where the browser takes it."""
    twin = f"{filename}.gz"
    return twin if request.accept_encodings.quality("gzip") > 0 and _is_there(twin) else None


def _is_there(filename: str) -> bool:
    """Whether the folder has this file. What the system would not take for a name (too long, say) is no file either."""
    path = safe_join(str(STATIC_DIR), filename)
    return path is not None and isfile(path)  # noqa: PTH113 -- Path.is_file raises where a name is too long
