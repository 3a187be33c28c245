"""Quart, without finding out again at each request what never changes.

The same behaviour for less: a draw or an answer is worth little more than what the framework costs.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, lru_cache
from inspect import CO_COROUTINE
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from quart import Quart
from quart import Request as QuartRequest
from quart import request as stand_in
from quart.wrappers.base import BaseRequestWebsocket
from quart.wrappers.request import Body as QuartBody
from werkzeug.datastructures import Headers, ImmutableHeadersMixin, ImmutableMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.routing import MapAdapter, Rule

from webapp.actor import Actor
from webapp.http.guests import GuestHosts
from webapp.http.sessions import Sessions

if TYPE_CHECKING:
    from werkzeug.local import LocalProxy

MOST_REMEMBERED = 4096
LONGEST_REMEMBERED = 200
"""Callers choose paths, hosts and the names of headers: there may be many, and they may be long."""
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

    @cached_property
    def _first(self) -> dict[str, str]:
        return {name.lower(): value for name, value in reversed(self._list)}

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
    """A request, with what is found out about it on its way: who asks, and how they stand with their limit."""

    body_class = Body
    parameter_storage_class = Parameters
    dict_storage_class = Parameters
    received: bytes | None = None
    """The body, if all of it came at once and is not too large."""
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

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.session_interface = Sessions()
        self.routes: Routes = {}
        self.guest_hosts: GuestHosts | None = None
        self._hosts: dict[tuple[str, str | None, str], tuple[MapAdapter, int | None]] = {}

    def ensure_async(self, func: Any) -> Any:
        """The function itself where its code says that it is a coroutine's, as nearly all are."""
        code = getattr(func, "__code__", None)
        return func if code is not None and code.co_flags & CO_COROUTINE else super().ensure_async(func)

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
