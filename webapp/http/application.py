"""The application and its requests: Quart's, with bodies that are bounded and received only as they are read."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from functools import cached_property, lru_cache
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import parse_qsl

from quart import Quart
from quart import Request as QuartRequest
from quart import request as stand_in
from quart.formparser import FormDataParser
from quart.wrappers.base import BaseRequestWebsocket
from quart.wrappers.request import Body as QuartBody
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, ClientDisconnected, RequestEntityTooLarge, RequestTimeout
from werkzeug.routing import IntegerConverter, Map, MapAdapter

from webapp.actor import Actor
from webapp.http.fastpath.addresses import Addresses
from webapp.http.fastpath.received import Parameters
from webapp.http.security.front_ends import FrontEnds
from webapp.http.security.guests import GuestHosts
from webapp.http.security.sessions import Sessions

if TYPE_CHECKING:
    from werkzeug.local import LocalProxy

    from webapp.http.observe import Observer

FORM_TYPE = "application/x-www-form-urlencoded"
MOST_NUMBER = 10**15
"""In an address. No row has such an id, and no list so many pages: a thousand rows each still fit a `bigint`."""
Receive = Callable[[], Awaitable[Any]]
"""Waits for the next ASGI message of a request."""


class BoundedNumber(IntegerConverter):
    """A number in an address: one that is too large leads nowhere, not to a database that cannot count to it."""

    def __init__(self, map: Map) -> None:  # noqa: A002 - as werkzeug calls it
        super().__init__(map, max=MOST_NUMBER)


class Body(QuartBody):
    """What a request sends: received only as it is read, so that nothing piles up for a caller who is turned away."""

    receive: Receive | None = None
    """Where it comes from; None if it is here already, as in a test's request context."""
    n_received = 0
    """Bytes read so far."""
    _ended = False
    _read: bytes | None = None

    def __init__(self, expected_content_length: int | None, max_content_length: int | None) -> None:
        super().__init__(expected_content_length, max_content_length)
        self._announced = expected_content_length or 0
        self.most = max_content_length
        """How many bytes may come; None for any number."""

    async def __anext__(self) -> bytes:
        """The next piece. Raises RequestEntityTooLarge, and ClientDisconnected if the caller has gone."""
        self._check()
        data = await (super().__anext__() if self.receive is None else self._next(self.receive))
        self.n_received += len(data)
        self._check()
        return data

    def _check(self) -> None:
        if self.most is not None and max(self._announced, self.n_received) > self.most:
            raise RequestEntityTooLarge

    async def _next(self, receive: Receive) -> bytes:
        if self._ended:
            raise StopAsyncIteration
        message = await receive()
        if message["type"] != "http.request":
            raise ClientDisconnected
        self._ended = not message.get("more_body", False)
        data: bytes = message.get("body", b"")
        return data

    def __await__(self) -> Generator[Any, None, bytes]:
        return self._whole().__await__()

    async def _whole(self) -> bytes:
        if self._read is None:
            self._read = b"".join([piece async for piece in self])
        return self._read

    def clear(self) -> None:
        """Let go of what was read."""
        self._read = b""


class FormParser(FormDataParser):
    """Quart's parser of forms, which bounds the number of fields of every form and not only of those in parts."""

    async def parse(self, body: QuartBody, mimetype: str, *about: Any) -> tuple[MultiDict[str, Any], Any]:
        """The fields and files. Raises RequestEntityTooLarge, and BadRequest for what is no UTF-8."""
        if mimetype != FORM_TYPE:
            return await super().parse(body, mimetype, *about)
        try:
            fields = parse_qsl((await body).decode(), keep_blank_values=True, max_num_fields=self.max_form_parts)
        except UnicodeDecodeError:
            raise BadRequest from None
        except ValueError:
            raise RequestEntityTooLarge from None
        assert self.cls is not None
        return self.cls(fields), self.cls()


class Request(QuartRequest):
    """A request, with what is found out about it on its way: who asks, and how they stand with their limit."""

    body: Body
    body_class = Body
    form_data_parser_class = FormParser
    parameter_storage_class = Parameters
    dict_storage_class = Parameters
    wants_json: bool | None = None
    """Whether its caller asks for JSON, once somebody has wanted to know (`webapp.http.body`)."""
    actor: Actor | None = None
    """Who asks, once that is known."""
    new_volunteer: str | None = None
    """What an anonymous volunteer is told apart by from now on."""
    standing: "Standing | None" = None
    """How the caller stands with the limit that this request counts for."""
    guest_project_id: int | None = None
    """The project whose presenter the request's host is for; None at the site's own hosts."""
    trusted_origin: str | None = None
    """The origin of the page that asks, if that is a front end which may come with credentials."""
    without_cookies = False
    """Whether its cookies are left unread, as if its browser had not sent them."""

    @cached_property
    def cookies(self) -> Parameters:
        """None at all at a guests' host: what is set there is set by a presenter."""
        is_ours = self.guest_project_id is None and not self.without_cookies
        return cast(Parameters, super().cookies) if is_ours else Parameters()

    @cached_property
    def blueprints(self) -> list[str]:
        """The names of the blueprints that the route belongs to, asked for once it is known."""
        return _blueprints(self.endpoint)

    def limit_body(self, most: int) -> None:
        """Refuse a body of more bytes, at once if it says that it is. Raises RequestEntityTooLarge."""
        if (self.content_length or 0) > most:
            raise RequestEntityTooLarge
        self.max_content_length = self.max_form_memory_size = self.body.most = most

    async def read(self) -> bytes:
        """The whole body. Raises RequestTimeout, RequestEntityTooLarge and ClientDisconnected."""
        try:
            async with asyncio.timeout(self.body_timeout):
                return await self.body
        except TimeoutError:
            raise RequestTimeout from None


@lru_cache(maxsize=4096)
def _blueprints(endpoint: str | None) -> list[str]:
    names = (endpoint or "").split(".")[:-1]
    return [".".join(names[:length]) for length in range(len(names), 0, -1)]


class Standing(NamedTuple):
    """How a caller stands with a rate limit, as the `X-RateLimit-*` headers tell it."""

    limit: int
    remaining: int
    reset: int
    """When the count begins anew, in seconds since the epoch."""
    refused: bool


def current_request() -> Request:
    """The request in hand itself: asking it costs less than asking Quart's stand-in for it."""
    request = cast("LocalProxy[Any]", stand_in)._get_current_object()  # noqa: SLF001 - werkzeug's documented way
    assert isinstance(request, Request)
    return request


_is_coroutine = lru_cache(maxsize=4096)(iscoroutinefunction)


class Application(Quart):
    """The application class."""

    request_class = Request
    observer: "Observer"
    """Sees every request."""
    guest_hosts: GuestHosts | None = None
    front_ends: FrontEnds | None = None
    """None where no front end of another origin may come with credentials."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.session_interface = Sessions()
        self.addresses = Addresses()

    def ensure_async(self, func: Any) -> Any:
        """The function itself if it is a coroutine's, as nearly all are; Quart finds that out anew each time."""
        return func if _is_coroutine(func) else super().ensure_async(func)

    def create_url_adapter(self, request: BaseRequestWebsocket | None) -> MapAdapter | None:
        """One for the request, which knows what addresses have led to."""
        bind = super().create_url_adapter
        return bind(None) if request is None else self.addresses.adapter(request, bind)
