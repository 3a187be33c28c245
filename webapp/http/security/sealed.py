"""Cookies that hold what a browser has to bring back and nobody may read or make: encrypted, and good for a while.

What one browser was given another does not have: so a sign-in that was begun in one is not finished in another.
"""

import json
from typing import Any

from cryptography.fernet import InvalidToken

from webapp.http.request_context import RequestContext

LARGEST = 3800
"""Browsers keep about 4,000 characters of a cookie."""


def _purpose(name: str) -> str:
    return f"sealed cookie {name}"


def give(ctx: RequestContext, name: str, value: dict[str, Any], *, max_age: int) -> bool:
    """Have the browser keep the value for so many seconds; False if it is too large for that."""
    sealed = ctx.settings.cipher(_purpose(name)).encrypt(json.dumps(value).encode()).decode()
    if len(sealed) > LARGEST:
        return False
    ctx.set_cookie(name, sealed, max_age=max_age)
    return True


def read(ctx: RequestContext, name: str, *, max_age: int) -> dict[str, Any] | None:
    """What this browser was given; None if that is nothing, or too old, or not of our making."""
    sent = ctx.cookie(name) or ""
    if not 0 < len(sent) <= LARGEST:
        return None
    try:
        value: dict[str, Any] = json.loads(ctx.settings.cipher(_purpose(name)).decrypt(sent.encode(), ttl=max_age))
    except (InvalidToken, ValueError):
        return None
    return value


def take_back(ctx: RequestContext, name: str) -> None:
    """Have the browser forget it."""
    ctx.set_cookie(name, "", max_age=0)
