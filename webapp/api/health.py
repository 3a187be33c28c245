"""Whether this process is well, for whoever starts it again or sends requests to it: `/healthz` and `/readyz`.

They are routes as all others, but nobody is identified for them, no unit of work is opened, and their limit is counted
in this process: to be alive takes neither the database nor Redis.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

from quart import Blueprint, Response
from redis.exceptions import RedisError

from db.errors import DatabaseError
from webapp.api.described import closed, described
from webapp.errors import Unavailable
from webapp.http.app_services import AppServices
from webapp.http.application import current_request
from webapp.http.limits.bounds import check_query
from webapp.http.limits.ratelimit import limited
from webapp.http.page import Route
from webapp.http.respond import json_response
from webapp.policies import Action

PATIENCE_S = 1.0
"""How long each service may take to answer."""
LIFETIME_S = 1.0
"""How long what they answered is told to others: however many ask, the services are asked once a second."""
WELL = {"status": "ok"}
IS_WELL = closed(status={"type": "string", "const": "ok"})
Handler = Callable[[], Awaitable[Response]]


class Readiness:
    """Which of the services that requests need are away."""

    def __init__(self, app_services: AppServices) -> None:
        self._app_services = app_services
        self._lock = asyncio.Lock()
        self._known: tuple[float, tuple[str, ...]] | None = None

    async def away(self) -> tuple[str, ...]:
        """Their names, as found out within the last second or now, in little more than a second."""
        async with self._lock:
            if self._known is None or monotonic() - self._known[0] >= LIFETIME_S:
                found = await asyncio.gather(
                    _answers(self._app_services.database.autocommit.fetch("SELECT 1")),
                    _answers(self._app_services.redis.ping()),
                )
                names = ("the database", "Redis")
                away = tuple(name for name, is_there in zip(names, found, strict=True) if not is_there)
                self._known = monotonic(), away
            return self._known[1]


async def _answers(question: Awaitable[Any]) -> bool:
    try:
        async with asyncio.timeout(PATIENCE_S):
            await question
    except (DatabaseError, RedisError, OSError, TimeoutError):
        return False
    return True


def blueprint(app_services: AppServices) -> Blueprint:
    """Both routes over these services."""
    made = Blueprint("health", __name__)
    readiness = Readiness(app_services)

    @_probe(made, "/healthz")
    @described(IS_WELL)
    async def alive() -> Response:
        """Whether this process answers: if not, start it again. Asks neither the database nor Redis."""
        return json_response(WELL)

    @_probe(made, "/readyz")
    @described(IS_WELL)
    async def ready() -> Response:
        """Whether requests can be answered: 503, and what is away, where the database or Redis does not answer within a
        second."""
        if away := await readiness.away():
            raise Unavailable(f"Away: {', '.join(away)}.")
        return json_response(WELL)

    return made


def _probe(made: Blueprint, rule: str) -> Callable[[Handler], Handler]:
    """Register a route that asks neither who calls nor for a unit of work."""

    def register(view: Handler) -> Handler:
        async def handle() -> Response:
            check_query(current_request().query_string)
            return await view()

        handle.__doc__ = view.__doc__
        handle.workbee_route = Route(action=Action.SITE_VIEW, api=True)  # type: ignore[attr-defined]
        handle.workbee_described = view.workbee_described  # type: ignore[attr-defined]
        made.add_url_rule(rule, view.__name__, limited("probe", "probe")(handle))
        return view

    return register
