"""The same requests to plain Quart and to ours: the same status, headers and bytes, but for what is listed here."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from time import time
from typing import Any

import pytest
from itsdangerous import TimestampSigner
from quart import (
    Blueprint,
    Quart,
    Response,
    abort,
    after_this_request,
    flash,
    g,
    get_flashed_messages,
    jsonify,
    make_response,
    redirect,
    request,
    send_file,
    session,
    stream_with_context,
    url_for,
    websocket,
)
from quart.typing import ResponseReturnValue

from webapp.counters import Counters
from webapp.http.application import Application
from webapp.http.fastpath.connection import Connection
from webapp.http.observe import Observer

Messages = list[MutableMapping[str, Any]]
FORM = (b"content-type", b"application/x-www-form-urlencoded")
JSON = (b"content-type", b"application/json")
PARTS = (b"content-type", b"multipart/form-data; boundary=cut")
LARGEST = 1000
"""Bytes of a body: less than what we compress, and plain Quart does not."""
OURS_ALONE = {b"x-request-id"}
"""Headers that plain Quart does not have: every answer can be found in the log by its number."""


class Broken(Exception):
    """Has a handler of its own."""


def routes(app: Quart) -> Quart:
    """The app with routes that show what a view can see and send."""
    app.secret_key = "secret"
    app.config.update(MAX_CONTENT_LENGTH=LARGEST, MAX_FORM_PARTS=5, BODY_TIMEOUT=0.3)
    app.extensions["seen"] = []
    for group in (
        _of_requests,
        _of_addresses,
        _of_bodies,
        _of_answers,
        _of_sessions,
        _of_failures,
        _of_streams,
        _of_hooks,
    ):
        group(app)
    return app


def _of_requests(app: Quart) -> None:
    @app.route("/shown", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def shown() -> Response:
        names = [
            "method",
            "scheme",
            "path",
            "full_path",
            "url",
            "base_url",
            "root_url",
            "host",
            "query_string",
            "remote_addr",
            "mimetype",
        ]
        names += ["content_length", "is_secure", "http_version", "root_path", "endpoint", "blueprints", "access_route"]
        values = {name: repr(getattr(request, name)) for name in names}
        lists = {"headers": list(request.headers), "args": list(request.args.items(multi=True))}
        lists["cookies"] = list(request.cookies.items(multi=True))
        return jsonify(values | lists | {"here": url_for("shown", a="b", _external=True)})

    @app.get("/looked-up")
    async def looked_up() -> Response:
        found: list[Any] = []
        for store in (request.headers, request.args, request.cookies):
            for name in ("a", "A", "X-Twice", "Absent", "Remote-Addr"):
                found += [store.get(name), store.get(name, "none"), store.get(name, 7, int), store.getlist(name)]
                found += [name in store]
        wanted = [request.accept_mimetypes.best, request.if_none_match.to_header(), str(request.range)]
        return jsonify([*found, *wanted])


def _of_addresses(app: Quart) -> None:
    @app.get("/number/<int:number>")
    async def number(number: int) -> str:
        shown = f"{number!r} {request.url_rule} {request.view_args}"
        assert request.view_args is not None
        request.view_args.clear()
        return shown

    @app.get("/path/<path:rest>")
    async def path(rest: str) -> str:
        return f"{rest!r}"

    @app.get("/with-default/", defaults={"page": 1})
    @app.get("/with-default/<int:page>")
    async def with_default(page: int) -> str:
        return str(page)

    @app.get("/folder/")
    async def folder() -> str:
        app.extensions["seen"].append("folder")
        return "folder"

    @app.post("/leaf")
    def leaf() -> str:
        return "a view that is no coroutine"

    @app.websocket("/socket")
    async def socket() -> None:
        await websocket.send(websocket.path)


def _of_bodies(app: Quart) -> None:
    @app.route("/body", methods=["GET", "POST", "PUT"])
    async def body() -> bytes:
        return repr(await request.get_data()).encode()

    @app.post("/pieces")
    async def pieces() -> bytes:
        return b"".join([piece async for piece in request.body])

    @app.post("/text")
    async def text() -> str:
        data: Any = await request.get_data(as_text=True)  # said to be either of text and bytes
        return str(data)

    @app.post("/json")
    async def json() -> Response:
        return jsonify(await request.get_json())

    @app.post("/form")
    async def form() -> Response:
        files = (await request.files).items(multi=True)
        shown = [(name, one.filename, one.content_type, one.read().decode("latin1")) for name, one in files]
        return jsonify([list((await request.form).items(multi=True)), shown])

    @app.post("/unread")
    async def unread() -> str:
        return "nobody reads it"

    @app.post("/twice")
    async def twice() -> bytes:
        first: Any = await request.get_data()
        second: Any = await request.get_data(cache=False)
        third: Any = await request.get_data()
        return bytes(first + second + third)

    @app.post("/kept")
    async def kept() -> str:
        data = await request.get_data()
        await asyncio.sleep(0.2)
        app.extensions["seen"].append(len(data))
        return "kept"


def _of_answers(app: Quart) -> None:
    @app.get("/text")
    async def plain_text() -> tuple[str, int, dict[str, str]]:
        return "größer", 201, {"X-Shout": "HELLO", "Content-Type": "text/plain"}

    @app.get("/nothing")
    async def nothing() -> tuple[str, int]:
        return "", 204

    @app.get("/redirect")
    async def elsewhere() -> ResponseReturnValue:
        return redirect("/shown?a=ü", 303)

    @app.get("/headers")
    async def headers() -> Response:
        response: Any = await make_response("headers")
        response.headers.add("X-Twice", "1")
        response.headers.add("x-twice", "2")
        response.vary.add("Accept")
        response.set_etag("abc")
        response.set_cookie("a", "b c;ü", max_age=10, httponly=True, samesite="Strict")
        response.delete_cookie("z")
        answer: Response = await response.make_conditional(request)
        return answer

    @app.get("/part")
    async def part() -> Response:
        response: Any = await make_response("0123456789")
        answer: Response = await response.make_conditional(request, accept_ranges=True, complete_length=10)
        return answer

    @app.get("/file")
    async def file() -> Response:
        return await send_file(BytesIO(b"0123456789"), mimetype="text/plain", conditional=True)

    @app.get("/disk")
    async def disk() -> Response:
        return await send_file(Path(__file__), conditional=True)


def _of_sessions(app: Quart) -> None:
    @app.get("/session/<action>")
    async def of_session(action: str) -> str:
        if action == "write":
            session["a"] = session.get("a", 0) + 1
        elif action == "deep":
            session.setdefault("list", []).append("one")
        elif action == "clear":
            session.clear()
        elif action == "flash":
            await flash("told")
        return "untouched" if action == "pass" else repr((dict(session), get_flashed_messages()))


def _of_failures(app: Quart) -> None:
    @app.get("/abort/<int:code>")
    async def aborted(code: int) -> str:
        abort(code)

    @app.get("/fail/<how>")
    async def fail(how: str) -> str:
        raise Broken(how) if how == "known" else RuntimeError(how)

    @app.errorhandler(Broken)
    async def broken(error: Broken) -> tuple[str, int]:
        return f"broken: {error}", 409

    @app.errorhandler(410)
    async def gone(error: Any) -> tuple[str, int]:
        return f"gone: {error.code}", 410


def _of_streams(app: Quart) -> None:
    @app.get("/stream/<how>")
    async def stream(how: str) -> Response:
        @stream_with_context
        async def generate() -> AsyncIterator[bytes]:
            try:
                yield request.path.encode()
                yield b""
                if how == "broken":
                    raise RuntimeError("no more")
                while how == "endless":
                    yield b"again"
                    await asyncio.sleep(0.001)
                yield b" end"
            finally:
                app.extensions["seen"].append("ended")

        return Response(generate(), headers={"X-Stream": how})

    @app.get("/lines")
    async def lines() -> Response:
        return Response(iter([b"a", "b"]), mimetype="text/plain")


def _of_hooks(app: Quart) -> None:
    inner = Blueprint("inner", __name__, url_prefix="/inner")
    seen: list[Any] = app.extensions["seen"]

    @app.before_request
    async def first() -> ResponseReturnValue | None:
        g.order = ["app"]
        return ("stopped", 418) if "stop" in request.args else None

    @inner.before_request
    async def second() -> None:
        g.order.append("blueprint")

    @app.after_request
    async def third(response: Response) -> Response:
        response.headers.add("X-Order", ",".join([*g.order, "after app"]))
        return response

    @inner.after_request
    async def before_third(response: Response) -> Response:
        g.order.append("after blueprint")
        return response

    @app.teardown_request
    async def last(error: BaseException | None) -> None:
        seen.append(f"torn down after {error!r}")

    @inner.get("/")
    async def index() -> str:
        @after_this_request
        def at_once(response: Any) -> Any:
            g.order.append("after this")
            return response

        g.order.append(f"view of {request.blueprint}")
        return "inner"

    app.register_blueprint(inner)


@dataclass(frozen=True)
class Sent:
    """One request. The body comes in pieces; after them the caller is there, or has gone (`stays=False`)."""

    method: str
    path: str
    query: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: tuple[bytes, ...] = (b"",)
    complete: bool = True
    """Whether the last piece says that it is the last."""
    leaves_after: int | None = None
    """After how many messages of the answer the caller goes; None: when it is complete, as servers tell it."""
    scope: dict[str, Any] = field(default_factory=dict)

    def to_scope(self) -> dict[str, Any]:
        host = () if any(name.lower() == b"host" for name, _ in self.headers) else ((b"host", b"example.org"),)
        common = {"type": "http", "http_version": "1.1", "scheme": "http", "root_path": "", "server": ("10.0.0.1", 80)}
        own = {"method": self.method, "path": self.path, "query_string": self.query, "client": ("10.1.2.3", 4000)}
        return common | own | {"headers": [*host, *self.headers], "asgi": {"version": "3.0"}} | self.scope

    def messages(self) -> Messages:
        last = len(self.body) - 1
        return [
            {"type": "http.request", "body": piece, "more_body": place < last or not self.complete}
            for place, piece in enumerate(self.body)
        ]


@dataclass
class Seen:
    """What came of a request: the answer, what was raised into the server, and what the app has noted."""

    status: int | None
    headers: list[tuple[bytes, bytes]]
    body: bytes
    is_complete: bool
    raised: str
    noted: list[Any]


async def play(app: Quart, sent: Sent) -> Seen:
    """What this app makes of the request."""
    waiting, answer, over = sent.messages(), Messages(), asyncio.Event()
    app.extensions["seen"].clear()

    async def receive() -> Any:
        if waiting:
            return waiting.pop(0)
        await over.wait()
        await asyncio.sleep(0.002)  # whatever was received is handled by then
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        answer.append(message)
        if message.get("more_body") is False or len(answer) == sent.leaves_after:
            over.set()

    if sent.leaves_after == 0:
        over.set()
    raised = ""
    try:
        async with asyncio.timeout(5):
            await app(sent.to_scope(), receive, send)  # type: ignore[arg-type]
    except Exception as error:  # noqa: BLE001 - whatever it is, both have to raise it
        raised = repr(_innermost(error))
    start = answer[0] if answer else {}
    headers = [(name, value) for name, value in start.get("headers", ()) if name not in OURS_ALONE]
    # How much of a stream comes after its reader has gone is chance.
    body = b"".join(message.get("body", b"") for message in answer[1 : sent.leaves_after])
    complete = bool(answer) and answer[-1].get("more_body") is False
    return Seen(start.get("status"), headers, body, complete, raised, list(app.extensions["seen"]))


def _innermost(error: BaseException) -> BaseException:
    """Quart 0.23 runs requests in a task group."""
    return _innermost(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


def get(path: str, *headers: tuple[bytes, bytes], query: bytes = b"", **scope: Any) -> Sent:
    return Sent("GET", path, query, headers, scope=scope)


def post(path: str, *pieces: bytes, kind: tuple[bytes, bytes] = JSON, length: int | None = None) -> Sent:
    said = ((b"content-length", str(sum(map(len, pieces)) if length is None else length).encode()),)
    return Sent("POST", path, headers=(kind, *(said if length != -1 else ())), body=pieces or (b"",))


def parts(*fields: tuple[str, str | None, bytes]) -> bytes:
    """A multipart body: (name, file name or None, content) each."""
    made = b""
    for name, filename, content in fields:
        of_file = f'; filename="{filename}"\r\nContent-Type: image/png' if filename else ""
        made += f'--cut\r\nContent-Disposition: form-data; name="{name}"{of_file}\r\n\r\n'.encode() + content + b"\r\n"
    return made + b"--cut--\r\n"


COOKIE = (b"cookie", b'a=1; a=2; b="q;x"; broken; c=\xc3\xbc')
TWICE = ((b"x-twice", b"1"), (b"X-Twice", b"2"), (b"X-MIXED-case", b"\xe9"), (b"a", b"x"))
WITH_FILE = parts(("a", None, "ü".encode()), ("picture", "a.png", b"\x89PNG" * 20), ("a", None, b"2"))

REQUESTS = {
    "a page": get("/shown"),
    "HEAD": Sent("HEAD", "/shown"),
    "HEAD of a stream": Sent("HEAD", "/stream/short"),
    "HEAD of a file": Sent("HEAD", "/file"),
    "OPTIONS": Sent("OPTIONS", "/shown"),
    "OPTIONS of one method": Sent("OPTIONS", "/leaf"),
    "OPTIONS of nothing": Sent("OPTIONS", "/nowhere"),
    "not found": get("/nowhere"),
    "not found by its converter": get("/number/x"),
    "method not allowed": Sent("DELETE", "/text"),
    "method of lower case": Sent("get", "/shown"),
    "unknown method": Sent("BREW", "/shown"),
    "a view that is no coroutine": post("/leaf"),
    "trailing slash is added": get("/folder", query=b"a=%C3%BC&b"),
    "trailing slash is not wanted": get("/number/7/"),
    "doubled slashes": get("//folder//"),
    "a default leads to its short address": get("/with-default/1"),
    "a default": get("/with-default/"),
    "a number": get("/number/7"),
    "another number": get("/number/0008"),
    "a path of any script": get("/path/ä/ b/%2F\x01"),
    "odd query": get("/shown", query=b"a=1&a=2&b&=c&%zz=%e9&d=%C3%A9+x%2B&;e=f&\xff=\xfe"),
    "headers of any case, twice": get("/shown", *TWICE, COOKIE),
    "looked up": get("/looked-up", *TWICE, COOKIE, query=b"a=1&a=2&A=x"),
    "negotiation": get(
        "/looked-up", (b"accept", b"text/html;q=0.5,*/*"), (b"range", b"bytes=1-2"), (b"if-none-match", b'"a"')
    ),
    "host with a port": get("/shown", (b"host", b"Example.ORG:8000")),
    "host with its usual port": get("/folder", (b"host", b"example.org:80")),
    "host of an address": get("/shown", (b"host", b"[::1]:5000")),
    "odd host": get("/shown", (b"host", b"a b/<>")),
    "empty host": get("/shown", (b"host", b"")),
    "two hosts": get("/shown", (b"host", b"one.org"), (b"host", b"two.org")),
    "long host": get("/shown", (b"host", b"h" * 300)),
    "HTTP/1.0": get("/shown", http_version="1.0", headers=[]),
    "HTTP/2": get("/shown", http_version="2"),
    "https": get("/folder", scheme="https"),
    "no client": get("/shown", client=None),
    "absolute address": get("http://example.org/shown"),
    "below a root": get("/base/number/7", root_path="/base"),
    "the root itself": get("/base", root_path="/base"),
    "beside the root": get("/number/7", root_path="/base"),
    "proxy headers": get("/shown", (b"x-forwarded-for", b"1.2.3.4, 5.6.7.8"), (b"x-forwarded-proto", b"https")),
    "body": post("/body", b'{"a": 1}'),
    "body in pieces": post("/body", b"one", b"", b"two", b"three"),
    "body without a length": post("/body", b"one", b"two", length=-1),
    "body shorter than it says": post("/body", b"one", length=9),
    "body of an odd length": Sent("POST", "/body", headers=((b"content-length", b"x1"),), body=(b"one",)),
    "no body": post("/body"),
    "body of a GET": Sent("GET", "/body", body=(b"one",)),
    "body, piece by piece": post("/pieces", b"one", b"two"),
    "no body, piece by piece": post("/pieces"),
    "body read again": post("/twice", b"one", b"two"),
    "body as text": post("/text", "grün".encode()),
    "body as broken text": post("/text", b"\xff"),
    "body that nobody reads": post("/unread", b"x" * 100),
    "JSON": post("/json", b'{"a": ["\xc3\xbc", 1.5, null]}'),
    "JSON of another type": post("/json", b"{}", kind=(b"content-type", b"text/plain")),
    "JSON by its suffix": post("/json", b"[1]", kind=(b"content-type", b"application/vnd.api+json; charset=utf-8")),
    "broken JSON": post("/json", b'{"a": '),
    "broken text in JSON": post("/json", b'"\xff"'),
    "empty JSON": post("/json"),
    "form": post("/form", b"a=1&a=2&b=&c=%C3%BC+x", kind=FORM),
    "form in pieces": post("/form", b"a=1&a", b"=2", kind=FORM),
    "empty form": post("/form", kind=FORM),
    "form with a file": post("/form", WITH_FILE, kind=PARTS),
    "form with a file in pieces": post(
        "/form", *(WITH_FILE[at : at + 7] for at in range(0, len(WITH_FILE), 7)), kind=PARTS
    ),
    "form without its end": post("/form", WITH_FILE[:-12], kind=PARTS),
    "form of no parts": post("/form", b"nothing of the kind", kind=PARTS),
    "form without a boundary": post("/form", WITH_FILE, kind=(b"content-type", b"multipart/form-data")),
    "form of many parts": post("/form", parts(*[("a", None, b"1")] * 6), kind=PARTS),
    "form of another type": post("/form", b"a=1", kind=(b"content-type", b"text/plain")),
    "too large by its length": post("/body", b"x" * 10, length=LARGEST + 1),
    "too large by its length, piece by piece": post("/pieces", b"x" * 10, length=LARGEST + 1),
    "too large as it comes": post("/body", *[b"x" * 999] * 3, length=-1),
    "form too large by its length": post("/form", b"a=1", kind=FORM, length=LARGEST + 1),
    "form too large as it comes": post("/form", b"a=" + b"1" * 999, *[b"x" * 999] * 2, kind=FORM, length=-1),
    "parts too large by their length": post("/form", WITH_FILE, kind=PARTS, length=LARGEST + 1),
    "as large as may be": post("/body", b"x" * LARGEST),
    "too large, but nobody reads it": post("/unread", b"x" * 10, length=LARGEST + 1),
    "a body that does not come": Sent("POST", "/body", body=(b"one",), complete=False),
    "a form that does not come": Sent("POST", "/form", headers=(FORM,), body=(b"a=1",), complete=False),
    "text": get("/text"),
    "nothing": get("/nothing"),
    "redirect": get("/redirect"),
    "headers and cookies": get("/headers"),
    "not modified": get("/headers", (b"if-none-match", b'"abc"')),
    "file": get("/file"),
    "range": get("/file", (b"range", b"bytes=2-4")),
    "range from the end": get("/file", (b"range", b"bytes=-3")),
    "range beyond": get("/file", (b"range", b"bytes=50-")),
    "range of a text": get("/part", (b"range", b"bytes=2-4")),
    "file of a disk": get("/disk", (b"range", b"bytes=0-99")),
    "session that nobody touches": get("/session/pass"),
    "session read": get("/session/read"),
    "session written": get("/session/write"),
    "session with a list": get("/session/deep"),
    "session emptied": get("/session/clear"),
    "a message": get("/session/flash"),
    "session of a forged cookie": get("/session/read", (b"cookie", b"session=eyJhIjoxfQ.aaaa.bbbb")),
    "error of a code": get("/abort/403"),
    "error of a code with a handler": get("/abort/410"),
    "known failure": get("/fail/known"),
    "unknown failure": get("/fail/unknown"),
    "stream": get("/stream/short"),
    "lines": get("/lines"),
    "a stream that breaks": get("/stream/broken"),
    "a stream whose reader goes": Sent("GET", "/stream/endless", leaves_after=5),
    "hooks": get("/inner/"),
    "hooks that answer": get("/inner/", query=b"stop"),
    "hooks of what is not found": get("/inner/nothing"),
}

DIFFERENT = {
    # What was sent to its end is stored although the train has entered a tunnel.
    "gone after the body": (Sent("POST", "/kept", body=(b"one",), leaves_after=0), (None, False), (200, True)),
    # Nothing is stored here as there; nobody is there to read the answer.
    "gone before its end": (
        Sent("POST", "/kept", body=(b"one",), complete=False, leaves_after=0), (None, False), (400, False),
    ),
    # Quart bounds the fields of forms in parts alone.
    "form of many fields": (post("/form", b"a=1&" * 6, kind=FORM), (200, False), (413, False)),
    # Quart takes it for a form without fields.
    "form that is no UTF-8": (post("/form", b"a=\xff", kind=FORM), (200, False), (400, False)),
}  # fmt: skip
"""Where ours differs on purpose: the request, status and whether it was kept by plain Quart, and the same by ours."""


@pytest.fixture(scope="module")
def plain() -> Quart:
    return routes(Quart(__name__))


@pytest.fixture(scope="module")
def ours() -> Quart:
    app = Application(__name__)
    app.asgi_http_class = Connection
    app.observer = Observer(Counters(), trusts_proxy=False)
    return routes(app)


@pytest.fixture(autouse=True)
def _signed_at_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    now = int(time())
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: now)


@pytest.mark.parametrize("name", REQUESTS)
async def test_the_same_answer(plain: Quart, ours: Quart, name: str) -> None:
    expected = await play(plain, REQUESTS[name])
    for _ in range(2):
        assert await play(ours, REQUESTS[name]) == expected
    assert expected.status is not None or expected.raised


@pytest.mark.parametrize("name", DIFFERENT)
async def test_what_differs_on_purpose(plain: Quart, ours: Quart, name: str) -> None:
    sent, *expected = DIFFERENT[name]
    answers = [await play(app, sent) for app in (plain, ours)]
    assert [(seen.status, 3 in seen.noted) for seen in answers] == expected


async def test_the_same_session_over_several_requests_each_sent_twice(plain: Quart, ours: Quart) -> None:
    cookies: dict[str, bytes] = {"plain": b"", "ours": b""}
    for action in ["write", "read", "write", "deep", "deep", "flash", "pass", "read", "clear", "read"]:
        answers = {}
        for which, app in (("plain", plain), ("ours", ours)):
            sent = get(f"/session/{action}", (b"cookie", cookies[which]))
            answers[which] = [await play(app, sent) for _ in range(2)]
            for name, value in answers[which][0].headers:
                if name == b"set-cookie":
                    cookies[which] = value.partition(b";")[0]
        assert answers["plain"] == answers["ours"], action


@pytest.mark.parametrize("path", ["/socket", "/shown", "/nowhere", "/folder/"])
async def test_the_same_at_web_sockets(plain: Quart, ours: Quart, path: str) -> None:
    async def told(app: Quart) -> list[Any]:
        answer: list[Any] = []
        connect, over = [{"type": "websocket.connect"}], asyncio.Event()

        async def receive() -> Any:
            if connect:
                return connect.pop()
            await over.wait()
            return {"type": "websocket.disconnect", "code": 1000}

        async def send(message: Any) -> None:
            answer.append(message)
            if message["type"] == "websocket.close":
                over.set()

        scope = get(path).to_scope() | {"type": "websocket", "scheme": "ws", "subprotocols": []}
        scope["asgi"] = {"version": "3.0", "spec_version": "2.3"}
        del scope["method"]
        async with asyncio.timeout(5):
            await app(scope, receive, send)  # type: ignore[arg-type]
        return [*answer, *app.extensions["seen"]]

    for app in (plain, ours):
        await play(app, get(path))
        app.extensions["seen"].clear()
    assert await told(ours) == await told(plain)
