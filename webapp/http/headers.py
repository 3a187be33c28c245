"""Security and cache headers, and the API's CORS."""

from quart import Quart, Response, request

CHOOSING = "Accept, Content-Type, Cookie, Authorization, HX-Request, HX-Boosted, HX-Target"
"""Request headers that choose among the answers of one URL."""

CORS_REQUEST_HEADERS = "Content-Type, Authorization, X-Requested-With, Idempotency-Key, If-Match, If-None-Match"
CORS_MAX_AGE_S = "21600"
EXPOSED = "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, Retry-After, ETag, X-Workbee-Left"

UNLESS_GIVEN = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    # What does not say otherwise is for its caller alone: answers of the API, downloads, a frame's token.
    ("Cache-Control", "private, no-cache"),
)
"""What every answer says that says nothing else."""

PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'nonce-{nonce}' 'strict-dynamic'",
        "style-src 'self' 'nonce-{nonce}'",
        "img-src 'self' data: blob: https:",
        "media-src 'self' https:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
        "object-src 'none'",
    )
)


def vary(response: Response) -> None:
    """Say which request headers chose this answer, and keep it out of shared caches."""
    response.headers.set("Vary", CHOOSING)
    response.headers.setdefault("Cache-Control", "private, no-cache")


def protect_page(response: Response, nonce: str) -> None:
    """Our own pages run only the scripts and styles that carry this response's nonce."""
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY.format(nonce=nonce))
    response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")


async def _finish(response: Response) -> Response:
    headers, path = response.headers, request.path
    given = {name.lower() for name, _ in headers}
    for name, value in UNLESS_GIVEN:
        if name.lower() not in given:
            headers.add(name, value)
    # Presenters run in an opaque origin: their fonts, modules and canvases need this as much as API clients do.
    if path.startswith(("/api", "/static/", "/uploads/")):
        headers.add("Access-Control-Allow-Origin", "*")
    if path.startswith("/api"):
        headers.add("Access-Control-Expose-Headers", EXPOSED)
    return response


async def _preflight() -> Response | None:
    """OPTIONS on the API answers 200, empty, with what a cross-origin caller may send (02-api section 1.10)."""
    if request.method != "OPTIONS" or not request.path.startswith("/api"):
        return None
    response = Response(b"", 200, content_type="text/html; charset=utf-8")
    response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, OPTIONS, PUT, PATCH, DELETE"
    response.headers["Access-Control-Allow-Headers"] = CORS_REQUEST_HEADERS
    response.headers["Access-Control-Max-Age"] = CORS_MAX_AGE_S
    return response


def init_app(app: Quart) -> None:
    app.before_request(_preflight)
    app.after_request(_finish)
