"""Which host and path lead to which route, found out once: werkzeug reads each host character by character and goes
through its tree of rules for each path."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from quart.wrappers.base import BaseRequestWebsocket
from werkzeug.routing import MapAdapter, Rule

CAPACITY = 4096
KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")
LONGEST_REMEMBERED = 200
"""Callers choose paths and hosts: there may be many, and they may be long."""
Routes = dict[tuple[str, str, bool], tuple[Rule, Mapping[str, Any]]]
"""By method, path, and whether it is a web socket."""


class Addresses:
    """What one app remembers."""

    def __init__(self) -> None:
        self.routes: Routes = {}
        self._hosts: dict[tuple[str, str, str], MapAdapter] = {}

    def adapter(
        self, request: BaseRequestWebsocket, bind: Callable[[BaseRequestWebsocket], MapAdapter | None]
    ) -> MapAdapter | None:
        """The request's view of the routes; `bind` makes the first of its host."""
        host = request.headers.get("Host")
        if host is None or len(host) > LONGEST_REMEMBERED:
            return bind(request)
        key = request.scheme, host, request.root_path
        bound = self._hosts.get(key)
        if bound is None:
            bound = bind(request)
            assert bound is not None  # a request has one
            _remember(self._hosts, key, bound)
        return RememberingAdapter(
            self.routes, bound.map, bound.server_name, bound.script_name, bound.subdomain, bound.url_scheme,
            request.path, request.method, request.query_string.decode(),
        )  # fmt: skip


class RememberingAdapter(MapAdapter):
    """Matches a path that has led to a route before without a search."""

    def __init__(self, routes: Routes, *bound: Any) -> None:
        super().__init__(*bound)
        self._routes = routes

    def match(self, *other: Any, **options: Any) -> Any:
        """As werkzeug's; what is asked for in another way than Quart does at each request is not remembered."""
        if other or options != {"return_rule": True} or len(self.path_info) > LONGEST_REMEMBERED:
            return super().match(*other, **options)
        address = self.default_method, self.path_info, self.websocket
        known = self._routes.get(address)
        if known is None:
            known = super().match(return_rule=True)
            _remember(self._routes, address, known)
        rule, arguments = known
        return rule, dict(arguments)


def _remember(memory: dict[KeyT, ValueT], key: KeyT, value: ValueT) -> None:
    """Keep it in a plain map, which is asked at every request; one that is full begins anew."""
    if len(memory) >= CAPACITY:
        memory.clear()
    memory[key] = value
