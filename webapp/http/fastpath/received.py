"""What a request sends beside its body, kept for being asked often: headers, parameters and cookies."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from werkzeug.datastructures import Headers, ImmutableHeadersMixin, ImmutableMultiDict

LONGEST_REMEMBERED = 200
"""Callers choose the names of headers: there may be many, and they may be long."""


@lru_cache(maxsize=4096)
def _short_name(sent: bytes) -> str:
    return sent.decode("latin1").title()


def _name(sent: bytes) -> str:
    return _short_name(sent) if len(sent) <= LONGEST_REMEMBERED else sent.decode("latin1").title()


class ReceivedHeaders(ImmutableHeadersMixin, Headers):  # type: ignore[misc]  # werkzeug's own does so too
    """The headers of a request: they never change, so that each is found at once rather than by going through all."""

    def __init__(self, peer: str, sent: Iterable[tuple[bytes, bytes]], **missing: str) -> None:
        """`missing` are headers that are as if they had been sent, unless they were."""
        super().__init__()
        self._list = [("Remote-Addr", peer), *((_name(name), value.decode("latin1")) for name, value in sent)]
        self._first = {name.lower(): value for name, value in reversed(self._list)}
        for name, value in missing.items():
            if name.lower() not in self._first:
                self._list.append((name, value))
                self._first[name.lower()] = value

    def get(  # type: ignore[override]  # the overloads of the original say the same at length
        self,
        key: str,
        default: Any = None,
        type: Callable[[str], Any] | None = None,  # noqa: A002
    ) -> Any:
        if type is not None:
            return super().get(key, default, type)
        return self._first.get(key.lower(), default)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._first


class Parameters(ImmutableMultiDict[str, str]):
    """Parameters and cookies: most of those asked for were not sent, which werkzeug tells itself by an exception."""

    def get(  # type: ignore[override]  # as above
        self,
        key: str,
        default: Any = None,
        type: Callable[[str], Any] | None = None,  # noqa: A002
    ) -> Any:
        if type is not None:
            return super().get(key, default, type)
        values = dict.get(self, key)
        return values[0] if values else default
