"""Quart, without finding out again at each request what never changes.

The same behaviour for less: a draw or an answer is worth little more than what the framework costs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping
from functools import cached_property, lru_cache
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast
from urllib.parse import parse_qsl

from quart import Quart
from quart import Request as QuartRequest
from quart import request as stand_in
from quart.formparser import FormDataParser
from quart.wrappers.base import BaseRequestWebsocket
from quart.wrappers.request import Body as QuartBody
from werkzeug.datastructures import Headers, ImmutableHeadersMixin, ImmutableMultiDict, MultiDict
from werkzeug.exceptions import BadRequest, ClientDisconnected, RequestEntityTooLarge, RequestTimeout
from werkzeug.routing import MapAdapter, Rule
from werkzeug.sansio.utils import get_host

from webapp.actor import Actor
from webapp.http.security.guests import GuestHosts
from webapp.http.security.sessions import Sessions

if TYPE_CHECKING:
    from werkzeug.local import LocalProxy

    from webapp.http.observe import Observer

MOST_REMEMBERED = 4096
LONGEST_REMEMBERED = 200
"""Callers choose paths, hosts and the names of headers: there may be many, and they may be long."""
FORM_TYPE = "application/x-www-form-urlencoded"
KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


@lru_cache(maxsize=MOST_REMEMBERED)
def _short_name(sent: bytes) -> str:
    return sent.decode("latin1").title()


def _header_name(sent: bytes) -> str:
    return _short_name(sent) if len(sent) <= LONGEST_REMEMBERED else sent.decode("latin1").title()


class ReceivedHeaders(ImmutableHeadersMixin, Headers):  # type: ignore[misc]  # werkzeug's own does so too
    """The headers of a request: they never change, so that each is found at once rather than by going through all."""

    def __init__(self, peer: str, sent: Iterable[tuple[bytes, bytes]]) -> None:
        super().__init__()
        self._list = [("Remote-Addr", peer), *((_header_name(name), value.decode("latin1")) for name, value in sent)]
        self._first = {name.lower(): value for name, value in reversed(self._list)}

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


Receive = Callable[[], Awaitable[Any]]
"""Waits for the next ASGI message of a request."""


class Body(QuartBody):
    """What a request sends: received only as it is read, so that nothing piles up for a caller who is turned away."""

    receive: Receive | None = None
    """Where it comes from; None if it is here already, as from test clients."""
    n_received = 0
    """Bytes read so far."""
    most: int | None = None
    """How many bytes may come."""
    _ended = False

    async def __anext__(self) -> bytes:
        """The next piece. Raises RequestEntityTooLarge, and ClientDisconnected if the caller has gone."""
        data = await (super().__anext__() if self.receive is None else self._next(self.receive))
        self.n_received += len(data)
        if self.most is not None and self.n_received > self.most:
            raise RequestEntityTooLarge
        return data

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
        return b"".join([piece async for piece in self])


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

    @cached_property
    def cookies(self) -> Parameters:
        """None at all at a guests' host: what is set there is set by a presenter."""
        if self.guest_project_id is not None:
            return Parameters()
        return cast(Parameters, super().cookies)

    @cached_property
    def host(self) -> str:
        """As werkzeug reads it, which looks at each of its characters: most requests have one and the same."""
        sent = self.headers.get("host")
        return _host(self.scheme, sent) if sent is not None and len(sent) <= LONGEST_REMEMBERED else super().host

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

    @cached_property
    def blueprints(self) -> list[str]:
        """The names of the blueprints that the route belongs to, asked for once it is known."""
        return _blueprints(self.endpoint)


class Standing(NamedTuple):
    """How a caller stands with a rate limit, as the `X-RateLimit-*` headers tell it."""

    limit: int
    remaining: int
    reset: int
    """When the count begins anew, in seconds since the epoch."""
    refused: bool


@lru_cache(maxsize=MOST_REMEMBERED)
def _host(scheme: str, sent: str) -> str:
    return get_host(scheme, sent)


@lru_cache(maxsize=MOST_REMEMBERED)
def _blueprints(endpoint: str | None) -> list[str]:
    names = (endpoint or "").split(".")[:-1]
    return [".".join(names[:length]) for length in range(len(names), 0, -1)]


def current_request() -> Request:
    """The request in hand itself: asking it costs less than asking Quart's stand-in for it."""
    request = cast("LocalProxy[Any]", stand_in)._get_current_object()  # noqa: SLF001 - werkzeug's documented way
    assert isinstance(request, Request)
    return request


Routes = dict[tuple[str, str], tuple[Rule, Mapping[str, Any]]]
"""What address leads where, by method and path."""


class Adapter(MapAdapter):
    """A request's view of the routes, which remembers what address led to which."""

    def __init__(self, routes: Routes, *bound: Any) -> None:
        super().__init__(*bound)
        self._routes = routes

    def match(self, *other: Any, **options: Any) -> Any:
        if other or options != {"return_rule": True}:
            return super().match(*other, **options)
        address = self.default_method, self.path_info
        known = self._routes.get(address)
        if known is None:
            known = super().match(return_rule=True)
            _remember(self._routes, address, known, len(self.path_info))
        rule, arguments = known
        return rule, dict(arguments)


class Application(Quart):
    """The application class."""

    request_class = Request
    observer: "Observer"
    """Sees every request."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.session_interface = Sessions()
        self.routes: Routes = {}
        self.guest_hosts: GuestHosts | None = None
        self._hosts: dict[tuple[str, str | None, str], tuple[MapAdapter, int | None]] = {}

    def ensure_async(self, func: Any) -> Any:
        """The function itself if it is a coroutine's, as nearly all are; Quart takes longer to find out."""
        return func if iscoroutinefunction(func) else super().ensure_async(func)

    def create_url_adapter(self, request: BaseRequestWebsocket | None) -> MapAdapter | None:
        """One for the request; its host is looked into once."""
        if request is None:
            return super().create_url_adapter(None)
        host = (request.scheme, request.headers.get("Host"), request.root_path)
        known = self._hosts.get(host)
        if known is None:
            adapter = super().create_url_adapter(request)
            assert adapter is not None
            known = adapter, self.guest_hosts.project_of(host[1] or "") if self.guest_hosts else None
            _remember(self._hosts, host, known, len(host[1] or ""))
        bound, request.guest_project_id = known  # type: ignore[attr-defined]  # every request is one of ours
        return Adapter(
            self.routes, bound.map, bound.server_name, bound.script_name, bound.subdomain, bound.url_scheme,
            request.path, request.method, request.query_string.decode(),
        )  # fmt: skip


def _remember(memory: dict[KeyT, ValueT], key: KeyT, value: ValueT, length: int) -> None:
    if length > LONGEST_REMEMBERED:
        return
    if len(memory) >= MOST_REMEMBERED:
        memory.clear()
    memory[key] = value
