"""Signed cookies: what they said when they were last read.

To check a signature costs more than all else that a page asks of a cookie, and it comes out the same each time. Only
its age does not, so that is looked at anew.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from itsdangerous import URLSafeTimedSerializer

from webapp.http.cache import Cache

CAPACITY = 4096
LONGEST_REMEMBERED = 1024
"""Cookies longer than this, in characters, are read each time."""


class SignedCookies:
    """The cookies of one kind. `kept` says whether a value may be given to several requests."""

    def __init__(
        self, serializer: URLSafeTimedSerializer, max_age: int, kept: Callable[[Any], bool] = lambda value: True
    ) -> None:
        self._serializer = serializer
        self._max_age = max_age
        self._kept = kept
        self._known: Cache[str, tuple[Any, datetime]] = Cache(CAPACITY)

    def read(self, cookie: str) -> Any:
        """What the cookie says. Raises BadSignature if it is not ours, or older than `max_age` seconds."""
        known = self._known.find(cookie)
        if known is None:
            return self._read(cookie)
        value, signed_at = known
        if not 0 <= (datetime.now(UTC) - signed_at).total_seconds() <= self._max_age:
            self._known.drop(cookie)
            return self._read(cookie)
        return value

    def _read(self, cookie: str) -> Any:
        value, signed_at = self._serializer.loads(cookie, max_age=self._max_age, return_timestamp=True)
        if len(cookie) <= LONGEST_REMEMBERED and self._kept(value):
            self._known.put(cookie, (value, signed_at))
        return value
