"""Every HX-* name, once, and how the library is set up in our pages."""

from quart import Request

from db import json

REQUEST = "HX-Request"
BOOSTED = "HX-Boosted"
HISTORY_RESTORE = "HX-History-Restore-Request"
TARGET = "HX-Target"
REDIRECT = "HX-Redirect"
LOCATION = "HX-Location"

CONFIG = json.dumps(
    {
        "allowEval": False,
        "allowScriptTags": False,
        "includeIndicatorStyles": False,
        "selfRequestsOnly": True,
        "historyCacheSize": 0,
        "refreshOnHistoryMiss": False,
        "scrollIntoViewOnBoost": False,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "[45]..", "swap": True, "error": True},
        ],
    }
).decode()
"""Nothing evaluated, no script of an answer run, no style injected (our policy forbids all of it); errors are shown;
history is asked of the server, so that going back never shows another session's page."""


def is_htmx(request: Request) -> bool:
    """Whether HTMX sent this request, boosted or not."""
    return request.headers.get(REQUEST) == "true"


def wanted_target(request: Request) -> str | None:
    """The id of the element to replace, or None where the full page is wanted (boosted and history requests too)."""
    if not is_htmx(request) or BOOSTED in request.headers or HISTORY_RESTORE in request.headers:
        return None
    return request.headers.get(TARGET)
