"""How a request is received: it is handled at once, and its body received as the handler reads it.

Quart watches each request from a task of its own and cancels its handler when the caller goes away. But what a
volunteer sends on a train should be stored although the train has entered a tunnel, and an answer that is there at
once needs no watching: that is two tasks less for each request. Streams are watched while they are sent. Quart also
receives a body whether or not anybody reads it: who is turned away could fill the memory meanwhile.
"""

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING, cast

from quart.asgi import ASGIHTTPConnection
from quart.utils import cancel_tasks, encode_headers
from quart.wrappers.response import DataBody

from webapp.http.application import ReceivedHeaders, Request
from webapp.http.observe import HEADER, REQUEST_ID, Trace

if TYPE_CHECKING:
    from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable, HTTPResponseStartEvent
    from quart import Request as QuartRequest
    from quart.typing import ResponseTypes
    from werkzeug.datastructures import Headers

    from webapp.http.application import Application


class Connection(ASGIHTTPConnection):
    """Quart's connection, with a shorter way for every request."""

    unwatched: "ASGIReceiveCallable | None" = None
    """What tells that the caller has gone, where no task listens to it."""

    app: "Application"
    trace: Trace

    async def __call__(self, receive: "ASGIReceiveCallable", send: "ASGISendCallable") -> None:
        observer = self.app.observer
        self.trace = observer.begin(self.scope["headers"])
        begun = perf_counter()
        try:
            self.unwatched = receive
            request = self._create_request_from_scope(send)
            assert isinstance(request, Request)
            request.body.receive = receive
            self.trace.request = request
            await self.handle_request(request, send)
        finally:
            observer.finish(self.trace, perf_counter() - begun)

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
        self.trace.status = response.status_code
        body = response.response
        if not isinstance(body, DataBody):
            response.headers[REQUEST_ID] = self.trace.request_id
            await self._send_stream(send, response)
            return
        headers = [*encode_headers(response.headers), (HEADER, self.trace.request_id.encode())]
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


async def _gone(receive: "ASGIReceiveCallable") -> None:
    """Return when the caller has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _push_nothing(path: str, headers: "Headers") -> None:
    """No server that runs this pushes."""
