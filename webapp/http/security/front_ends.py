"""Front ends of other origins that may come with credentials (`WORKBEE_CORS_ORIGINS`; docs/operations.md, "Front ends
of other origins").

Their pages read and write here as our own do: by the visitor's cookies, with the session's CSRF token where a page of
ours needs one. Behind TLS the cookies are `SameSite=None` then, so that browsers send them along for such pages; what
browsers would have kept back as `Lax` we leave unread ourselves, and set nothing in its place, unless one of these
front ends asks.
"""

from typing import TYPE_CHECKING

from quart import Response

from webapp.config import Settings

if TYPE_CHECKING:
    from webapp.http.application import Request

METHODS = "GET, HEAD, POST, OPTIONS, PUT, PATCH, DELETE"
REQUEST_HEADERS = (
    "Accept, Authorization, Cache-Control, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Range, Range, "
    "X-CSRFToken, X-CSRF-Token, X-Request-Id, X-Requested-With"
)
"""What they may send. `*` stands for nothing where there are credentials."""
EXPOSED = (
    "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, ETag, X-Workbee-Left, X-Request-Id, "
    "Content-Disposition"
)
MAX_AGE_S = "600"
"""How long browsers may remember a preflight: an origin that is no longer named should not come for long."""


class FrontEnds:
    """The front ends that this site trusts."""

    def __init__(self, settings: Settings) -> None:
        self._origins = frozenset(settings.cors_origins)
        self._reads_as_lax = settings.cross_site_cookies

    def origin_of(self, request: "Request") -> str | None:
        """The origin of the page that asks, if it is one of these. Browsers write it in one way: nothing that only
        looks like it is taken for it, nor `null`."""
        origin = request.headers.get("Origin")
        return origin if origin in self._origins and request.guest_project_id is None else None

    def keeps_cookies_from(self, request: "Request") -> bool:
        """Whether a browser would not have sent `Lax` cookies with this request, of a page that is none of these."""
        if not self._reads_as_lax or request.headers.get("Sec-Fetch-Site") != "cross-site":
            return False
        is_link = request.headers.get("Sec-Fetch-Mode") == "navigate" and request.method in ("GET", "HEAD")
        is_followed = is_link and request.headers.get("Sec-Fetch-Dest") == "document"
        return request.trusted_origin is None and not is_followed


def allow(response: Response, origin: str | None) -> None:
    """Let the page of this trusted origin read the answer; whose page it was for is part of what caches know."""
    headers = response.headers
    vary = headers.get("Vary")
    headers["Vary"] = f"{vary}, Origin" if vary else "Origin"
    if origin is not None:
        headers["Access-Control-Allow-Origin"] = origin
        headers["Access-Control-Allow-Credentials"] = "true"
        headers["Access-Control-Expose-Headers"] = EXPOSED


def preflight() -> Response:
    """What a trusted page may send, of whatever address it asks that."""
    response = Response(b"", 200, content_type="text/html; charset=utf-8")
    response.headers["Access-Control-Allow-Methods"] = METHODS
    response.headers["Access-Control-Allow-Headers"] = REQUEST_HEADERS
    response.headers["Access-Control-Max-Age"] = MAX_AGE_S
    return response
