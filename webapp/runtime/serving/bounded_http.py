"""uvicorn's HTTP/1.1 with bounds: heads, bodies and connections have a greatest size and time, so that the server is
safe without a proxy in front of it.

What costs something at every request is a few comparisons; times are looked at by one sweep a second over all
connections (`BoundedServer.on_tick`).
"""

import http
import resource
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from ipaddress import IPv6Address, ip_address
from typing import Any, ClassVar, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from db import json

SPARE_FILES = 128
"""File descriptors that connections of callers leave to the rest of the process."""
SWEEPS_EVERY = 10
"""Of uvicorn's ticks, which are a tenth of a second."""
REASONS: Mapping[int, str] = {
    400: "The request could not be understood.",
    408: "The request did not arrive in time.",
    414: "The address is too long: ask for less at once.",
    431: "The headers are too large or too many.",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, numbers and seconds of one connection."""

    url: int = 16 * 1024
    """Bytes of an address; what leads to a page or the API is held to less there."""
    head: int = 64 * 1024
    """Bytes of all headers together; also of what comes without getting on, as trailers and chunk extensions."""
    headers: int = 100
    head_seconds: float = 20
    body_seconds: float = 30
    """What a body may take in any case; beyond it has to come at `body_rate`."""
    body_rate: float = 4096
    """Bytes a second."""
    discarded: int = 64 * 1024 * 1024
    """Bytes of a body that nobody reads, because its request is answered."""
    idle_seconds: float = 30
    unread_seconds: float = 120
    """How long a caller may not read what is sent."""
    linger_seconds: float = 2
    """How long a refused caller may go on sending, so that it gets to read why it was refused."""
    pipelined: int = 16
    """Requests that wait for the answer to the one before."""


class Phase(Enum):
    """What a connection is at."""

    IDLE = auto()
    HEAD = auto()
    BODY = auto()
    REFUSED = auto()


class Refused(Exception):
    """Raised in a callback of the parser, which stops."""


@dataclass
class BoundedState(ServerState):
    """uvicorn's state of a server, with the number of connections of each address."""

    most_of_an_address: int | None
    most: int
    by_address: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        super().__init__()

    def admit(self, address: str) -> bool:
        """Count one more connection; whether it may stay."""
        self.by_address[address] += 1
        few = self.most_of_an_address is None or self.by_address[address] <= self.most_of_an_address
        return few and self.by_address.total() <= self.most

    def release(self, address: str) -> None:
        self.by_address[address] -= 1
        if not self.by_address[address]:
            del self.by_address[address]


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    limits: ClassVar[Limits] = Limits()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._phase = Phase.IDLE
        self._since = self.loop.time()
        """When the phase began."""
        self._n_headers = self._head_bytes = self._body_bytes = 0
        self._stuck_bytes = 0
        """Bytes received since the request last got on."""
        self._refusal = 400
        self.url = b""
        self._unread_since: float | None = None
        self._closing_since: float | None = None
        self._address: str | None = None
        """By which this connection is counted."""

    # -- connections

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if isinstance(self.server_state, BoundedState):
            self._address = _counted_as(self.client)
            if not self.server_state.admit(self._address):
                transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if isinstance(self.server_state, BoundedState) and self._address is not None:
            self.server_state.release(self._address)
            self._address = None

    # -- sizes

    def data_received(self, data: bytes) -> None:
        self._stuck_bytes += len(data)
        if self._phase is Phase.REFUSED:
            if self._stuck_bytes > self.limits.discarded:
                self.transport.abort()
            return
        super().data_received(data)
        # One piece may hold the end of a head and much of a body: that the head was small is seen as it is parsed.
        if self._stuck_bytes > self.limits.head + len(data):
            self._refuse(431)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._enter(Phase.HEAD)
        self._n_headers = self._head_bytes = self._body_bytes = 0

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > self.limits.url:
            self._stop(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._n_headers += 1
        self._head_bytes += len(name) + len(value)
        if self._n_headers > self.limits.headers or self._head_bytes > self.limits.head:
            self._stop(431)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= self.limits.pipelined:
            self._stop(400)
        self._enter(Phase.BODY)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._stuck_bytes = 0
        self._body_bytes += len(body)
        if self.cycle.response_complete and self._body_bytes > self.limits.discarded:
            self.transport.abort()
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._enter(Phase.IDLE)
        super().on_message_complete()

    def _enter(self, phase: Phase) -> None:
        self._phase = phase
        self._since = self.loop.time()
        self._stuck_bytes = 0

    # -- times

    def pause_writing(self) -> None:
        self._unread_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._unread_since = None
        super().resume_writing()

    def sweep(self, now: float) -> None:
        """End what takes too long."""
        if self.transport.is_closing():
            self._closing_since = self._closing_since or now
            if now - self._closing_since > self.limits.idle_seconds:
                self.transport.abort()
        elif self._unread_since is not None and now - self._unread_since > self.limits.unread_seconds:
            self.transport.abort()
        else:
            self._end_if_late(now - self._since)

    def _end_if_late(self, passed: float) -> None:
        limits = self.limits
        match self._phase:
            case Phase.IDLE:
                # After an answer uvicorn has a timer, which anything received ends, be it no request.
                forgotten = self._unanswered() is None and self.timeout_keep_alive_task is None
                if forgotten and passed > limits.idle_seconds:
                    self.transport.close()
            case Phase.HEAD if passed > limits.head_seconds:
                self._refuse(408)
            case Phase.BODY if self.flow.read_paused:
                self._since += passed  # it is we who do not get on
            case Phase.BODY if passed > limits.body_seconds + self._body_bytes / limits.body_rate:
                self._refuse(408)

    def _unanswered(self) -> RequestResponseCycle | None:
        """The request, of those received last, whose answer is not complete."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return None if cycle is None or cycle.response_complete else cycle

    # -- refusals

    def _stop(self, status: int) -> None:
        """Have the parser stop, and the caller told why. Raises Refused."""
        self._refusal = status
        raise Refused

    def send_400_response(self, msg: str) -> None:
        """The parser has stopped: at what is no HTTP, or because one of us told it to."""
        self._refuse(self._refusal)

    def _refuse(self, status: int) -> None:
        """Say why, and close the connection; without a word where one would become a part of another answer."""
        if self._phase is Phase.REFUSED or self.transport.is_closing():
            return
        at_body, unanswered = self._phase is Phase.BODY, self._unanswered()
        self._enter(Phase.REFUSED)
        if unanswered is not None:
            if not at_body or unanswered.response_started or self.pipeline:
                self.transport.abort()
                return
            # Whoever handles the request learns that the rest of it does not come.
            unanswered.disconnected = True
            unanswered.message_event.set()
        self.flow.resume_reading()
        self.transport.write(_refusal(status, api=self.url.startswith(b"/api")))
        self.transport.write_eof()
        self.loop.call_later(self.limits.linger_seconds, self.transport.abort)


def _refusal(status: int, *, api: bool) -> bytes:
    reason = REASONS[status]
    kind, body = "text/plain; charset=utf-8", reason.encode()
    if api:
        name = http.HTTPStatus(status).phrase.title().replace(" ", "")
        shown = {"status": "failed", "status_code": status, "exception_cls": name, "exception_msg": reason}
        kind, body = "application/json", json.dumps(shown)
    head = f"content-type: {kind}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
    return STATUS_LINE[status] + head.encode() + body


def _counted_as(client: tuple[str, int] | None) -> str:
    """The address; of IPv6 the half that a network is given."""
    try:
        address = ip_address(client[0] if client else "")
    except ValueError:
        return ""
    return str(int(address) >> 64) if isinstance(address, IPv6Address) and not address.ipv4_mapped else str(address)


class BoundedServer(uvicorn.Server):
    """uvicorn, which sweeps its connections."""

    def __init__(self, config: uvicorn.Config, *, most_of_an_address: int | None) -> None:
        super().__init__(config)
        self.server_state = BoundedState(most_of_an_address, _most_connections())

    async def on_tick(self, counter: int) -> bool:
        if counter % SWEEPS_EVERY == 0:
            for connection in list(self.server_state.connections):
                if isinstance(connection, BoundedProtocol):
                    connection.sweep(connection.loop.time())
        return await super().on_tick(counter)


def _most_connections() -> int:
    """As many as this process may have files open, which is as many as the system lets it have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = 65536 if most == resource.RLIM_INFINITY else min(most, 65536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    return max(SPARE_FILES, most - SPARE_FILES)
