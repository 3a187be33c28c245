"""What is seen of requests from outside: an id on each, one line of the log for each, and counts for metrics.

Every request passes `webapp.http.fastpath.connection`, so that refusals, failures and streams are seen alike. What only
the inside knows (who asked, of which project, how often it was tried) is noted on the request's `Trace`. A line never
has a query, a key, a mail address or a cookie, nor the path as it was sent: it names the route.
"""

import logging
import random
import re
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from db.tally import TALLY, Tally
from webapp.counters import Counters
from webapp.logs import ORIGIN, BufferedLines

if TYPE_CHECKING:
    from webapp.http.application import Request

log = logging.getLogger("workbee.request")

REQUEST_ID = "X-Request-Id"
HEADER = REQUEST_ID.lower().encode()
WELL_FORMED = re.compile(rb"[A-Za-z0-9._-]{8,64}")
"""An id that is taken over: it fits a UUID and what proxies make, and needs no quotes anywhere."""
PROBES = frozenset({"/healthz", "/readyz"})
"""Routes asked every few seconds by machines: their successes are of interest to nobody who does not debug."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_ids = random.Random()  # from the system's entropy; ids are to be told apart, not to be secret


@dataclass(slots=True)
class Trace:
    """One request on its way."""

    request_id: str
    tally: Tally = field(default_factory=Tally)
    request: "Request | None" = None
    attempts: int = 1
    """How often its unit of work has been run."""
    project_id: int | None = None
    status: int | None = None
    """None until an answer begins."""

    def fields(self, seconds: float) -> dict[str, Any]:
        """What the log says of it."""
        request = self.request
        actor = request.actor if request is not None else None
        return {
            "method": request.method if request is not None else None,
            "route": self.route,
            "status": self.status,
            "ms": round(seconds * 1000, 1),
            "statements": self.tally.n_statements,
            "attempts": self.attempts,
            "user": (actor.user_id or actor.frame_user_id if actor is not None else None) or "anonymous",
            "project": self.project_id,
            "request_id": self.request_id,
        }

    @property
    def route(self) -> str | None:
        """The rule of the route, `/api/project/<key>/newtask`; None where the address leads nowhere."""
        rule = self.request.url_rule if self.request is not None else None
        return rule.rule if rule is not None else None

    @property
    def method(self) -> str:
        """One of few: whoever asks chooses the text."""
        method = self.request.method if self.request is not None else ""
        return method if method in METHODS else "other"


_TRACE: ContextVar[Trace | None] = ContextVar("trace", default=None)


def note_project(project_id: int) -> None:
    """The request in hand is about this project."""
    if (trace := _TRACE.get()) is not None:
        trace.project_id = project_id


def note_attempt(number: int) -> None:
    """The unit of work of the request in hand is run for the `number`th time."""
    if (trace := _TRACE.get()) is not None:
        trace.attempts = number


class Observer:
    """Watches every request of the application. `trusts_proxy`: whether a proxy of ours has set the headers."""

    def __init__(self, counters: Counters, *, trusts_proxy: bool) -> None:
        self._counters = counters
        self._trusts_proxy = trusts_proxy
        self._lines = BufferedLines(log)

    def begin(self, headers: Iterable[tuple[bytes, bytes]]) -> Trace:
        """The trace of a request with these headers, which is about to be handled."""
        given = _given_id(headers) if self._trusts_proxy else None
        trace = Trace(given or f"{_ids.getrandbits(64):016x}")
        _TRACE.set(trace)
        TALLY.set(trace.tally)
        ORIGIN.set(("request_id", trace.request_id))
        return trace

    def finish(self, trace: Trace, seconds: float) -> None:
        """The request has been handled, in this time."""
        level = logging.DEBUG if trace.status == 200 and trace.route in PROBES else logging.INFO
        if log.isEnabledFor(level):
            self._lines.add(level, "request", trace.fields(seconds))
        if self._counters.times_requests:
            self._counters.request((trace.method, trace.route or "none", trace.status or 0), seconds)
        # Connections that were opened on the way keep this context; they need not keep what was sent.
        trace.request = None

    def close(self) -> None:
        """Write what is still in the buffer."""
        self._lines.flush()


def _given_id(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The id that the proxy gives, if it is one: of several the last, which it has added itself."""
    given = [value for name, value in headers if name == HEADER]
    return given[-1].decode() if given and WELL_FORMED.fullmatch(given[-1]) else None
