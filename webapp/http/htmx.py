"""Every HX-* name, once."""

from quart import Request

REQUEST = "HX-Request"
BOOSTED = "HX-Boosted"
HISTORY_RESTORE = "HX-History-Restore-Request"
TARGET = "HX-Target"
REDIRECT = "HX-Redirect"
LOCATION = "HX-Location"


def is_htmx(request: Request) -> bool:
    """Whether HTMX sent this request, boosted or not."""
    return request.headers.get(REQUEST) == "true"


def wanted_target(request: Request) -> str | None:
    """The id of the element to replace, or None where the full page is wanted (boosted and history requests too)."""
    if not is_htmx(request) or BOOSTED in request.headers or HISTORY_RESTORE in request.headers:
        return None
    return request.headers.get(TARGET)
