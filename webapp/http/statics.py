"""Static files: ours and the built ones of packages. Their addresses carry a hash, so browsers may keep them for
good."""

from mimetypes import guess_type

from quart import Blueprint, Response, request, send_from_directory

from webapp.http.assets import STATIC_DIR

blueprint = Blueprint("static", __name__)
FOR_GOOD = "public, max-age=31536000, immutable"
A_WHILE = "public, max-age=600"


@blueprint.get("/static/<path:filename>")
async def static(filename: str) -> Response:
    """One file of `webapp/static`; 404 where there is none. It never leaves that folder."""
    response = await send_from_directory(STATIC_DIR, filename, mimetype=guess_type(filename)[0], conditional=True)
    addressed = "v" in request.args or filename.startswith("vendor/built/")
    response.headers["Cache-Control"] = FOR_GOOD if addressed else A_WHILE
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
