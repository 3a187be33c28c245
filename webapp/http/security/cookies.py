"""Our cookies: what they are called and what they may do. Whoever sets or reads one asks here.

Behind TLS their names begin with `__Host-`: browsers take such a cookie from this very host alone, over HTTPS alone,
so that neither a sibling host nor somebody on the line can set one for us. `theme` and `language` are set by the
page's own script, mean nothing to anybody else, and have no such name.
"""

from typing import Any, Literal

from quart import Response

from webapp.config import Settings
from webapp.http.application import Request

HOST_PREFIX = "__Host-"


def cookie_name(settings: Settings, name: str) -> str:
    """What the cookie is called on this site."""
    return HOST_PREFIX + name if settings.cookies_secure else name


def read_cookie(settings: Settings, request: Request, name: str) -> str | None:
    """The cookie as the browser sent it. One without the prefix is none of ours where ours have it."""
    sent: str | None = request.cookies.get(cookie_name(settings, name))
    return sent


def set_cookie(settings: Settings, request: Request, response: Response, name: str, value: str, max_age: int) -> None:
    """Set a cookie of ours for `max_age` seconds; with 0 it goes."""
    response.set_cookie(cookie_name(settings, name), value, max_age=max_age, **attributes(settings, request))


def attributes(settings: Settings, request: Request) -> dict[str, Any]:
    """What every cookie of ours is: out of reach of scripts, not sent along by other sites (unless front ends there are
    trusted: `webapp.http.security.front_ends`), over HTTPS where we are."""
    secure = settings.cookies_secure or request.is_secure
    return {"httponly": True, "samesite": same_site(settings), "secure": secure, "path": "/"}


def same_site(settings: Settings) -> Literal["Lax", "None"]:
    """The `SameSite` of every cookie."""
    return "None" if settings.cross_site_cookies else "Lax"
