"""Security and cache headers, and the API's CORS."""

from typing import Literal

from quart import Quart, Response

from webapp.config import Settings
from webapp.http.application import current_request
from webapp.http.security import front_ends

CHOOSING = (
    "Accept, Accept-Encoding, Content-Type, Cookie, Authorization, HX-Request, HX-Boosted, HX-Target, Sec-Fetch-Dest"
)
"""Request headers that choose among the answers of one URL."""

PAGE_MARK = "X-Workbee-Page"
"""Only pages of ours carry this, and parts of them: nobody infers from a body, which a stranger may have written, what
it is."""
PageMark = Literal["page", "alone", "part"]
"""A page whose main part others can take up, one that stands alone, or one block of a page."""
DEVICES = ("camera", "microphone", "geolocation", "fullscreen")
"""What a presenter may be lent, by name of the browser's feature; the page around asks the volunteer."""
NO_DEVICES = ", ".join(f"{name}=()" for name in DEVICES)


def device_policy(origin: str | None) -> str:
    """The Permissions-Policy of a page that may pass devices on to a frame of this origin; None: of an opaque one,
    which no list can name."""
    allowed = f'(self "{origin}")' if origin else "*"
    return ", ".join(f"{name}={allowed}" for name in DEVICES)


CORS_REQUEST_HEADERS = "Content-Type, Authorization, X-Requested-With, Idempotency-Key, If-Match, If-None-Match, *"
"""Any header: these requests carry no cookie. `Authorization` is not among those that `*` stands for."""
CROSS_ORIGIN = ("/api", "/static/", "/uploads/")
"""What may be read from pages of other origins, presenters' frames among them."""
CORS_MAX_AGE_S = "21600"
EXPOSED = "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, ETag, X-Workbee-Left, X-Request-Id"

PRIVATE = "private, no-cache"
UNLESS_GIVEN = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    # What does not say otherwise is for its caller alone: answers of the API, downloads, a frame's token.
    ("Cache-Control", PRIVATE),
)
"""What every answer says that says nothing else."""
HTTPS_ONLY = ("Strict-Transport-Security", "max-age=31536000")
"""What every answer of a site behind TLS says: come back by HTTPS. Of other hosts of its domain it says nothing."""

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'nonce-{nonce}' 'strict-dynamic'",
        "style-src 'self' 'nonce-{nonce}'",
        "img-src 'self' data: blob: https:",
        "media-src 'self' https:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self' {guests}",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types default",
    )
)


def vary(response: Response) -> None:
    """Say which request headers chose this answer, and keep it out of shared caches."""
    response.headers.set("Vary", CHOOSING)
    response.headers.setdefault("Cache-Control", PRIVATE)


CHOOSER = "https://www.dropbox.com"
CHOOSER_POLICY = (
    PAGE_POLICY.partition("; require-trusted-types-for")[0]
    .replace("connect-src 'self'", f"connect-src 'self' {CHOOSER}")
    .replace("frame-src 'self'", f"frame-src 'self' {CHOOSER}")
)
"""Of the one page with Dropbox's chooser, whose script knows nothing of Trusted Types."""


def of_page(nonce: str, guests: str, mark: PageMark, *, has_chooser: bool = False) -> list[tuple[str, str]]:
    """Our own pages say that they are ours (`mark`), run only the scripts and styles that carry this response's nonce,
    are in nobody's frame, and have no frames but our own and those of `guests`, a source of a Content-Security-Policy;
    but for the page that `has_chooser`, which opens a window of Dropbox's and hears from it."""
    return [
        (PAGE_MARK, mark),
        (
            "Content-Security-Policy",
            (CHOOSER_POLICY if has_chooser else PAGE_POLICY).format(nonce=nonce, guests=guests),
        ),
        ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Opener-Policy", "same-origin-allow-popups" if has_chooser else "same-origin"),
        ("Permissions-Policy", NO_DEVICES),
        ("Vary", CHOOSING),
        ("Cache-Control", PRIVATE),
    ]


async def _finish(response: Response, said: tuple[tuple[str, str], ...], *, has_front_ends: bool) -> Response:
    request = current_request()
    headers, path = response.headers, request.path
    given = {name.lower() for name, _ in headers}
    for name, value in said:
        if name.lower() not in given:
            headers.add(name, value)
    # Presenters run in an opaque origin: their fonts, modules and canvases need this as much as API clients do.
    if path.startswith(CROSS_ORIGIN):
        headers.add("Access-Control-Allow-Origin", "*")
    if path.startswith("/api"):
        headers.add("Access-Control-Expose-Headers", EXPOSED)
    if has_front_ends:
        front_ends.allow(response, request.trusted_origin)
    return response


async def _preflight() -> Response | None:
    """OPTIONS on the API and on files answers 200, empty, with what a cross-origin caller may send
    (docs/contract/api.md 1.10)."""
    request = current_request()
    if request.method == "OPTIONS" and request.trusted_origin is not None:
        return front_ends.preflight()
    if request.method != "OPTIONS" or not request.path.startswith(CROSS_ORIGIN):
        return None
    response = Response(b"", 200, content_type="text/html; charset=utf-8")
    response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, OPTIONS, PUT, PATCH, DELETE"
    response.headers["Access-Control-Allow-Headers"] = CORS_REQUEST_HEADERS
    response.headers["Access-Control-Max-Age"] = CORS_MAX_AGE_S
    return response


def init_app(app: Quart, settings: Settings) -> None:
    said = (*UNLESS_GIVEN, HTTPS_ONLY) if settings.cookies_secure else UNLESS_GIVEN

    async def finish(response: Response) -> Response:
        return await _finish(response, said, has_front_ends=bool(settings.cors_origins))

    app.before_request(_preflight)
    app.after_request(finish)
