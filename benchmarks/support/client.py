"""An HTTP/1.1 client that costs little: it shares the cores with what it measures.

One request at a time a connection, kept open. It understands what our servers send (a `content-length`) and no more.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    head: bytes = b""

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    def json(self) -> Any:
        return json.loads(self.body)

    def cookies(self) -> dict[str, str]:
        """Those that it sets."""
        lines = (line.partition(b":") for line in self.head.split(b"\r\n"))
        pairs = (value.split(b";")[0].strip().decode() for name, _, value in lines if name.lower() == b"set-cookie")
        return dict(pair.split("=", 1) for pair in pairs)


def request(
    method: str, path: str, *, key: str | None = None, body: Any = None, headers: dict[str, str] | None = None
) -> bytes:
    """A request as it goes over the wire; `key` is an API key, `body` is sent as JSON."""
    sent = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: bench"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if key is not None:
        lines.append(f"Authorization: {key}")
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(sent)}"]
    return "\r\n".join([*lines, "", ""]).encode() + sent


class _Wire(asyncio.Protocol):
    """Puts the bytes of one answer together."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.waiting: asyncio.Future[Answer] | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport) or hasattr(transport, "write")
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self._received += data
        try:
            answer = self._complete()
        except ValueError as error:
            self._settle(error)
            return
        if answer is not None:
            self._received = b""
            self._settle(answer)

    def _complete(self) -> Answer | None:
        """The answer, if all of it is there. Raises ValueError for what we cannot read."""
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return None
        received = self._received[:end]
        head = received.lower()
        body = self._received[end + 4 :]
        status = int(head[9:12])
        at = head.find(b"\r\ncontent-length:")
        if at < 0:
            if status in (204, 304):
                return Answer(status, b"", received)
            raise ValueError("an answer without content-length")
        stop = head.find(b"\r\n", at + 2)
        length = int(head[at + 17 : stop if stop >= 0 else None])
        return Answer(status, body, received) if len(body) >= length else None

    def _settle(self, outcome: Answer | Exception) -> None:
        waiting, self.waiting = self.waiting, None
        if waiting is None or waiting.done():
            return
        if isinstance(outcome, Exception):
            waiting.set_exception(outcome)
        else:
            waiting.set_result(outcome)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._settle(exc or ConnectionResetError("closed by the server"))


class Connection:
    """One persistent connection, opened again when it is lost."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._wire: _Wire | None = None

    async def send(self, sent: bytes) -> Answer:
        """The answer to this request. Raises OSError, ValueError or TimeoutError."""
        wire = self._wire
        loop = asyncio.get_running_loop()
        if wire is None or wire.transport is None or wire.transport.is_closing():
            _, wire = await loop.create_connection(_Wire, *self._address)
            self._wire = wire
        assert wire.transport is not None
        wire.waiting = loop.create_future()
        wire.transport.write(sent)
        async with asyncio.timeout(PATIENCE):
            return await wire.waiting

    def close(self) -> None:
        if self._wire is not None and self._wire.transport is not None:
            self._wire.transport.close()
