"""Rate limits: quart-rate-limiter's declarations, decided by us in one atomic script (docs/architecture.md 10).

Fixed windows aligned to multiples of their length, counted per scope and caller: an API resource is one scope for all
its verbs (docs/contract/api.md 1.9), all pages are another. Draws and submissions are counted per proven contributor,
and 20 times as widely by address, so that a classroom behind one address can work. A presenter's own requests are
counted apart.

Redis has the counts of all processes (`webapp.http.limits.shared_counts`). With Redis away the log says so, and the
route's declaration decides: its requests pass uncounted, or what is sent to it is refused (`fail_closed`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import time
from typing import Any, Literal

from quart import Quart, Response, current_app
from quart_rate_limiter import QUART_RATE_LIMITER_LIMITS_ATTRIBUTE, RateLimit, RateLimiter, rate_limit
from redis.asyncio import Redis

from webapp.actor import Actor
from webapp.config import Settings
from webapp.errors import NotCounted, TooManyRequests
from webapp.http.app_services import AppServices, current_services
from webapp.http.application import Request, Standing, current_request
from webapp.http.limits.shared_counts import SharedCounts
from webapp.http.security.auth import anonymous_address, frame_grant
from webapp.http.security.csrf import SAFE_METHODS

LONGEST = 100
"""Characters of a project's short name that tell it apart in a counter."""
ADDRESS_FACTOR = 20
"""How much wider the limit by address is where one by contributor is in force too."""

Kind = Literal["api", "page", "contributor", "file", "probe"]
MOST_PROBERS = 10_000
"""Addresses whose probes are counted; beyond that all begin anew."""


@dataclass
class Limit(RateLimit):
    """A declared limit: the counter it shares, and how callers are counted. How many requests it lets pass, and in
    which time, are settings: they are read when it is decided."""

    count: int = 0
    period: timedelta = timedelta(0)
    scope: str = "page"
    kind: Kind = "page"
    fail_closed: bool = False
    """Whether requests that may change something are refused while they cannot be counted."""

    def top(self, settings: Settings) -> int:
        if self.kind in ("file", "probe"):
            # One page may show many pictures, and a classroom behind one address sees them at the same time.
            return settings.page_rate_limit * ADDRESS_FACTOR
        return settings.page_rate_limit if self.kind == "page" else settings.api_rate_limit


NO_API = Limit(kind="api", scope="none")
NO_PAGE = Limit(kind="page", scope="page")
"""What requests count for that lead nowhere, or by a verb that their address does not have."""


def limited(kind: Kind, scope: str, *, fail_closed: bool = False) -> Callable[[Any], Any]:
    """Declare the limit of a route, by quart-rate-limiter's own decorator."""
    decorator: Callable[[Any], Any] = rate_limit(limits=[Limit(kind=kind, scope=scope, fail_closed=fail_closed)])
    return decorator


class WorkbeeLimiter(RateLimiter):
    """quart-rate-limiter with our decision in place of its own: by address in its hook, by contributor on request."""

    def __init__(self, app: Quart, redis: Redis) -> None:
        self.counts = SharedCounts(redis)
        self._probes: dict[str, int] = {}
        """Probes by counter, in this process: whether it is alive does not depend on Redis."""
        super().__init__(app)

    def init_app(self, app: Quart, enabled: bool = True) -> None:
        """Our hooks alone: quart-rate-limiter's would count once more, in this process and by another algorithm."""
        app.before_request(self._count_address)
        app.after_request(self._tell_standing)

    def declared(self, request: Request) -> Limit | None:
        """The limit of the matched route; where there is none, that of all such addresses."""
        if request.url_rule is None:
            return NO_API if request.path.startswith("/api/") else NO_PAGE
        view = current_app.view_functions.get(request.endpoint or "")
        limits: list[RateLimit] = getattr(view, QUART_RATE_LIMITER_LIMITS_ATTRIBUTE, [])
        return next((limit for limit in limits if isinstance(limit, Limit)), None)

    async def _count_address(self) -> None:
        request = current_request()
        limit = self.declared(request)
        # Whether a contributor is proven is known once the actor is: see `count_contributor`.
        if limit is None or limit.kind == "contributor" or request.method == "OPTIONS":
            return
        app_services = current_services()
        address, top = anonymous_address(request, app_services), limit.top(app_services.settings)
        grant = frame_grant(request, app_services) if limit.kind == "api" else None
        callers = _of_frame(grant.contributor, grant.project_id, address, top) if grant else [(address, top)]
        await self._decide(app_services, request, limit, callers)

    async def count_contributor(self, app_services: AppServices, request: Request, actor: Actor) -> None:
        """Count a draw or submission: per contributor where one is proven, and widely by address."""
        limit = self.declared(request)
        if limit is None or limit.kind != "contributor":
            return
        address, top = anonymous_address(request, app_services), limit.top(app_services.settings)
        if actor.frame_project_id is not None:
            callers = _of_frame(str(actor.contributor), actor.frame_project_id, address, top)
        elif is_proven(actor):
            callers = [(_of_browser(request, actor), top), (address, top * ADDRESS_FACTOR)]
        else:
            callers = [(address, top)]
        await self._decide(app_services, request, limit, callers)

    async def _decide(
        self, app_services: AppServices, request: Request, limit: Limit, callers: list[tuple[str, int]]
    ) -> None:
        window = app_services.settings.api_rate_window
        reset = (int(time()) // window + 1) * window
        counters = [(f"rate:{limit.scope}:{who}:{reset}", top) for who, top in callers]
        if limit.kind == "probe":
            counts: list[int] | None = [self._count_probe(key) for key, _ in counters]
        else:
            counts = await self.counts.count(counters, reset)
        if counts is None:
            if limit.fail_closed and request.method not in SAFE_METHODS:
                raise NotCounted
            return
        # Of several counts the first tells how the caller stands, unless another has run out.
        places = [place for place, (n, (_, top)) in enumerate(zip(counts, callers, strict=True)) if n > top]
        place = places[0] if places else 0
        top = callers[place][1]
        request.standing = Standing(top, max(0, top - counts[place]), reset, bool(places))
        if places:
            raise TooManyRequests

    def _count_probe(self, key: str) -> int:
        """Count one more of this caller's in this window; the keys of windows that are over go when there are many."""
        if len(self._probes) >= MOST_PROBERS:
            self._probes.clear()
        self._probes[key] = self._probes.get(key, 0) + 1
        return self._probes[key]

    async def _tell_standing(self, response: Response) -> Response:
        standing = current_request().standing
        if standing is not None:
            headers = response.headers
            headers.add("X-RateLimit-Limit", str(standing.limit))
            headers.add("X-RateLimit-Remaining", str(standing.remaining))
            headers.add("X-RateLimit-Reset", str(standing.reset))
            if standing.refused:
                headers["Retry-After"] = str(max(1, standing.reset - int(time())))
        return response


def _of_frame(contributor: str, project_id: int, address: str, top: int) -> list[tuple[str, int]]:
    """How a presenter's own requests are counted: what it uses up, it uses up for its own project, and none of the
    address's other allowance."""
    return [(f"{contributor}@{project_id}", top), (f"frames@{address}", top * ADDRESS_FACTOR)]


def _of_browser(request: Request, actor: Actor) -> str:
    """Who draws and holds: a browser's page does so for its project's presenter, which must not use up what its
    volunteer may do for others. Scripts with a key are counted once."""
    arguments = request.view_args or {}
    project = arguments.get("project_id") or arguments.get("key")
    return (
        str(actor.contributor) if actor.by_key or project is None else f"{actor.contributor}#{str(project)[:LONGEST]}"
    )


def is_proven(actor: Actor) -> bool:
    """Whether the contributor is more than an address: signed in, by a cookie of ours, or by a frame's token."""
    return actor.contributor is not None and not actor.contributor.startswith("ip:")
