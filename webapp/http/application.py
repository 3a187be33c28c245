"""Quart, without finding out again at each request what never changes.

The same behaviour for less: a draw or an answer is worth little more than what the framework costs.
"""

from functools import cached_property
from inspect import CO_COROUTINE
from typing import TYPE_CHECKING, Any, cast

from quart import Quart
from quart import Request as QuartRequest
from quart import request as stand_in
from quart.wrappers.request import Body as QuartBody
from werkzeug.exceptions import RequestEntityTooLarge

from webapp.http.sessions import Sessions

if TYPE_CHECKING:
    from werkzeug.local import LocalProxy


class Body(QuartBody):
    """What a request sends."""

    def refuse(self) -> None:
        """It is too large, and whoever reads it is told so."""
        self._must_raise = RequestEntityTooLarge()
        self.set_complete()

    async def __anext__(self) -> bytes:
        try:
            return await super().__anext__()
        except StopAsyncIteration:
            # Who was waiting already would take it for the end.
            if self._must_raise is not None:
                raise self._must_raise from None
            raise


class Request(QuartRequest):
    """A request whose body may have come in one piece with it."""

    body_class = Body
    received: bytes | None = None
    """The body, if all of it is there already and not too large."""

    @cached_property
    def blueprints(self) -> list[str]:
        """The names of the blueprints that the route belongs to, asked for once it is known."""
        return super().blueprints


def current_request() -> Request:
    """The request in hand itself: asking it costs less than asking Quart's stand-in for it."""
    request = cast("LocalProxy[Any]", stand_in)._get_current_object()  # noqa: SLF001 - werkzeug's documented way
    assert isinstance(request, Request)
    return request


class Application(Quart):
    """The application class."""

    request_class = Request
    session_interface = Sessions()

    def ensure_async(self, func: Any) -> Any:
        """The function itself where its code says that it is a coroutine's, as nearly all are."""
        code = getattr(func, "__code__", None)
        return func if code is not None and code.co_flags & CO_COROUTINE else super().ensure_async(func)
