"""How a request is received: it is handled at once, and its body received as the handler reads it.

Quart watches each request from a task of its own and cancels its handler when the caller goes away. But what a
volunteer sends on a train should be stored although the train has entered a tunnel, and an answer that is there at
once needs no watching: that is two tasks less for each request. Streams are watched while they are sent. Quart also
receives a body whether or not anybody reads it: who is turned away could fill the memory meanwhile.
"""

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from quart.wrappers.response import DataBody
from quart.wrappers.response import Response as QuartResponse
from werkzeug.datastructures import Headers

from webapp.http.application import Request
from webapp.http.compression import SMALLEST, compressed
from webapp.http.fastpath.received import ReceivedHeaders
from webapp.http.observe import HEADER, Trace

if TYPE_CHECKING:
    from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
    from quart.typing import ResponseTypes

    from webapp.http.application import Application


class Connection:
    """What Quart makes of each HTTP request's scope (`Quart.asgi_http_class`)."""

    def __init__(self, app: "Application", scope: "HTTPScope") -> None:
        self.app = app
        self.scope = scope

    async def __call__(self, receive: "ASGIReceiveCallable", send: "ASGISendCallable") -> None:
        observer = self.app.observer
        trace = observer.begin(self.scope["headers"])
        begun = perf_counter()
        try:
            trace.request = self._request(receive)
            response = await self.app.handle_request(trace.request)
            trace.status = response.status_code
            if trace.request.without_cookies:
                response.headers.pop("Set-Cookie", None)
            await self._answer(receive, send, response, trace)
        finally:
            observer.finish(trace, perf_counter() - begun)

    def _request(self, receive: "ASGIReceiveCallable") -> Request:
        scope, config = self.scope, self.app.config
        root = scope.get("root_path", "")
        request = self.app.request_class(
            scope["method"],
            scope["scheme"],
            _path_below(root, scope["path"]),
            scope["query_string"],
            self._headers(),
            root,
            scope["http_version"],
            max_content_length=config["MAX_CONTENT_LENGTH"],
            body_timeout=config["BODY_TIMEOUT"],
            send_push_promise=_push_nothing,
            scope=scope,
        )
        request.body.receive = receive
        if self.app.guest_hosts is not None:
            request.guest_project_id = self.app.guest_hosts.project_of(request.headers.get("Host", ""))
        if self.app.front_ends is not None:
            request.trusted_origin = self.app.front_ends.origin_of(request)
            request.without_cookies = self.app.front_ends.keeps_cookies_from(request)
        return request

    def _headers(self) -> ReceivedHeaders:
        client = self.scope.get("client")
        missing = {"Host": self.app.config["SERVER_NAME"] or ""} if self.scope["http_version"] < "1.1" else {}
        return ReceivedHeaders(client[0] if client else "<local>", self.scope["headers"], **missing)

    async def _answer(
        self, receive: "ASGIReceiveCallable", send: "ASGISendCallable", response: "ResponseTypes", trace: Trace
    ) -> None:
        content = _content(response)
        if content is not None and len(content) >= SMALLEST:
            assert trace.request is not None
            content = await compressed(trace.request, response.headers, content)
        headers = [(name.lower().encode(), value.encode()) for name, value in response.headers]
        headers.append((HEADER, trace.request_id.encode()))
        start: Any = {"type": "http.response.start", "status": response.status_code, "headers": headers}
        await send(start)
        if content is None:
            assert isinstance(response, QuartResponse)
            await self._stream(receive, send, response)
        else:
            # At once and as one message less: it is all there.
            await send({"type": "http.response.body", "body": content, "more_body": False})

    async def _stream(self, receive: "ASGIReceiveCallable", send: "ASGISendCallable", response: QuartResponse) -> None:
        """Send a body as it is made, for as long as its caller is there and the response's time is not over. Raises
        what making it raises."""
        seconds = self.app.config["RESPONSE_TIMEOUT"] if response.timeout is Ellipsis else response.timeout
        tasks = [asyncio.create_task(_send_pieces(send, response)), asyncio.create_task(_gone(receive))]
        try:
            await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for failure in ended:
            if isinstance(failure, Exception):
                raise failure


def _path_below(root: str, path: str) -> str:
    """The path that the app's routes are about; one that leads nowhere for a path elsewhere than below the root."""
    if not path.startswith("/"):
        path = urlsplit(path).path
    if not root:
        return path
    return path.removeprefix(root) if path.startswith(root) and path != root else " "


def _content(response: "ResponseTypes") -> bytes | None:
    """The whole body; None if it is made while it is sent."""
    if not isinstance(response, QuartResponse):
        return response.get_data()
    body = response.response
    return body.data[body.begin : body.end] if isinstance(body, DataBody) else None


async def _send_pieces(send: "ASGISendCallable", response: QuartResponse) -> None:
    async with response.response as pieces:
        async for piece in pieces:
            data = piece.encode() if isinstance(piece, str) else piece
            await send({"type": "http.response.body", "body": data, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: "ASGIReceiveCallable") -> None:
    """Return when the caller has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _push_nothing(path: str, headers: Headers) -> None:
    """No server that runs this pushes."""
