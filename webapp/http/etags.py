"""ETags of the API: what a caller was shown, in sixteen bytes.

They are made from the bytes of the answer, so they are strong, and differ between callers who are shown different
things. An answer that is compressed on its way, here (`webapp.http.compression`) or by a proxy, has a weak one (`W/`);
as the content is the same, those count too.
"""

from hashlib import blake2b

from quart import Response, request

from webapp.errors import PreconditionFailed
from webapp.http.application import current_request
from webapp.http.compression import negotiate
from webapp.http.json import dumps


def etag_of(content: bytes) -> str:
    """The tag of an answer, without its quotes."""
    return blake2b(content, digest_size=16).hexdigest()


def quoted(shown: object) -> str:
    """The tag of a read that shows this, as a header holds it."""
    return f'"{etag_of(dumps(shown))}"'


def validated(response: Response, content: bytes) -> Response:
    """The answer with its tag; in its place an empty 304 where the caller has it already."""
    tag = etag_of(content)
    response.set_etag(tag)
    if request.if_none_match.contains_weak(tag):
        negotiate(current_request(), response.headers, len(content))  # as of the answer that is not sent
        response.status_code = 304
        response.set_data(b"")
        # They would be said of the empty body.
        for name in ("Content-Type", "Content-Length"):
            response.headers.pop(name, None)
    return response


def expects() -> bool:
    """Whether the request is for one state of the thing only."""
    return "If-Match" in request.headers


def check_expected(shown: object) -> None:
    """Raise PreconditionFailed if the thing, as this caller is shown it, is not what the request was made for."""
    if not request.if_match.contains_weak(etag_of(dumps(shown))):
        raise PreconditionFailed
