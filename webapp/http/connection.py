"""How a request is received: what comes in one piece is handled at once, in the task that received it.

Quart watches each request from a task of its own and cancels its handler when the caller goes away. But what a
volunteer sends on a train should be stored although the train has entered a tunnel, and an answer that is there at
once needs no watching: that is two tasks less for each request. Streams are watched while they are sent.
"""

import asyncio
from typing import TYPE_CHECKING, Any, cast

from quart.asgi import ASGIHTTPConnection
from quart.utils import cancel_tasks, encode_headers
from quart.wrappers.response import DataBody

from webapp.http.application import Body, ReceivedHeaders, Request

if TYPE_CHECKING:
    from hypercorn.typing import ASGIReceiveCallable, ASGIReceiveEvent, ASGISendCallable, HTTPResponseStartEvent
    from quart import Request as QuartRequest
    from quart.typing import ResponseTypes
    from quart.wrappers.request import Body as QuartBody
    from werkzeug.datastructures import Headers

BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})


class Connection(ASGIHTTPConnection):
    """Quart's connection, with a shorter way for what comes in one piece."""

    unwatched: "ASGIReceiveCallable | None" = None
    """What tells that the caller has gone, where no task listens to it."""

    async def __call__(self, receive: "ASGIReceiveCallable", send: "ASGISendCallable") -> None:
        if self.scope["method"] in BODILESS:
            await self._handle_at_once(b"", receive, send)
            return
        # The forms of pages may have files, which are read as they come.
        if not self.scope["path"].startswith("/api/"):
            await super().__call__(receive, send)
            return
        try:
            async with asyncio.timeout(self.app.config["BODY_TIMEOUT"]):
                message = await receive()
        except TimeoutError:
            await super().__call__(receive, send)
            return
        if message["type"] != "http.request" or message.get("more_body", False):
            await super().__call__(_beginning_with(message, receive), send)
            return
        await self._handle_at_once(message.get("body", b""), receive, send)

    async def _handle_at_once(self, body: bytes, receive: "ASGIReceiveCallable", send: "ASGISendCallable") -> None:
        self.unwatched = receive
        request = self._create_request_from_scope(send)
        assert isinstance(request, Request)
        request.body.set_result(body)
        if request.max_content_length is None or len(body) <= request.max_content_length:
            request.received = body
        await self.handle_request(request, send)

    def _create_request_from_scope(self, send: "ASGISendCallable") -> "QuartRequest":
        scope = self.scope
        if scope.get("root_path") or scope["http_version"] < "1.1" or scope["path"][:1] != "/":
            return super()._create_request_from_scope(send)
        return Request(
            scope["method"],
            scope["scheme"],
            scope["path"],
            scope["query_string"],
            ReceivedHeaders((scope.get("client") or ("<local>",))[0], scope["headers"]),
            "",
            scope["http_version"],
            max_content_length=self.app.config["MAX_CONTENT_LENGTH"],
            body_timeout=self.app.config["BODY_TIMEOUT"],
            send_push_promise=_push_nothing,
            scope=scope,
        )

    async def _send_response(self, send: "ASGISendCallable", response: "ResponseTypes") -> None:
        body = response.response
        if not isinstance(body, DataBody):
            await self._send_stream(send, response)
            return
        headers = encode_headers(response.headers)
        data = body.data[body.begin : body.end]
        # At once and as one message less: it is all there.
        start = {"type": "http.response.start", "status": response.status_code, "headers": headers}
        await send(cast("HTTPResponseStartEvent", start))
        await send({"type": "http.response.body", "body": data, "more_body": False})

    async def _send_stream(self, send: "ASGISendCallable", response: "ResponseTypes") -> None:
        sending = asyncio.ensure_future(super()._send_response(send, response))
        if self.unwatched is None:
            await sending
            return
        watching = asyncio.ensure_future(_gone(self.unwatched))
        try:
            await asyncio.wait([sending, watching], return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Whatever went wrong in either of them is raised here.
            await cancel_tasks({sending, watching})

    async def handle_messages(self, request: "QuartRequest", receive: "ASGIReceiveCallable", *more: Any) -> None:
        # What more there is differs between Quart 0.22 and 0.23.
        await super().handle_messages(
            request, _counted(request.body, receive, self.app.config["MAX_CONTENT_LENGTH"]), *more
        )


async def _gone(receive: "ASGIReceiveCallable") -> None:
    """Return when the caller has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _push_nothing(path: str, headers: "Headers") -> None:
    """No server that runs this pushes."""


def _counted(body: "QuartBody", receive: "ASGIReceiveCallable", most: int) -> "ASGIReceiveCallable":
    """Receives no more than a request may send: Quart counts what waits to be read, of a form that is never much."""
    received = 0

    async def receive_counted() -> "ASGIReceiveEvent":
        nonlocal received
        message = await receive()
        if message["type"] != "http.request":
            return message
        received += len(message.get("body", b""))
        if received <= most:
            return message
        assert isinstance(body, Body)
        body.refuse()
        while message["type"] == "http.request":
            message = await receive()
        return message

    return receive_counted


def _beginning_with(first: "ASGIReceiveEvent", receive: "ASGIReceiveCallable") -> "ASGIReceiveCallable":
    """Receives the message that was taken already, and then the rest."""
    waiting = [first]

    async def receive_again() -> "ASGIReceiveEvent":
        return waiting.pop() if waiting else await receive()

    return receive_again
