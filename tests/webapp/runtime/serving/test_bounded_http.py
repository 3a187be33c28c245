"""The server on a bare line: what is too large, too many or too slow is refused in words, and the line closed."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import uvicorn

from webapp.runtime.serving.bounded_http import BoundedProtocol, BoundedServer, Limits

PATIENCE_S = 60
HASTY = Limits(head_seconds=0.2, body_seconds=0.2, idle_seconds=0.2, linger_seconds=PATIENCE_S)
GET = b"GET / HTTP/1.1\r\nHost: a\r\n"


class HastyProtocol(BoundedProtocol):
    limits = HASTY


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the length of the body; at `/unread`, without reading it."""
    n_bytes, more = 0, scope["path"] != "/unread"
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        n_bytes += len(message["body"])
        more = message["more_body"]
    body = str(n_bytes).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def serving(protocol: type[asyncio.Protocol], most_of_an_address: int | None = None) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        echo, loop="uvloop", http=protocol, ws="none", lifespan="off", log_config=None, timeout_keep_alive=PATIENCE_S
    )
    server = BoundedServer(config, most_of_an_address=most_of_an_address)
    thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = server.force_exit = True
    thread.join(PATIENCE_S)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    yield from serving(BoundedProtocol)


@pytest.fixture(scope="module")
def hasty() -> Iterator[int]:
    yield from serving(HastyProtocol)


@pytest.fixture
def crowded() -> Iterator[int]:
    yield from serving(BoundedProtocol, most_of_an_address=2)


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def answer_to(port: int, *pieces: bytes) -> bytes:
    """All that is answered, until the server closes; what it takes no more of the pieces does not matter."""
    with connected(port) as line:
        try:
            for piece in pieces:
                line.sendall(piece)
        except OSError:
            pass
        return rest_of(line)


def rest_of(line: socket.socket) -> bytes:
    answer = b""
    try:
        while piece := line.recv(65536):
            answer += piece
    except ConnectionError:
        pass
    return answer


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_what_is_within_the_bounds_is_answered(port: int) -> None:
    many = b"".join(b"X-%d: b\r\n" % n for n in range(Limits().headers - 3))
    body = b"0" * 1_000_000
    head = b"POST /?%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000000\r\n" % (b"q" * 8000)
    assert answer_to(port, head + b"\r\n", body).endswith(b"\r\n\r\n1000000")
    assert answer_to(port, GET + b"Connection: close\r\n" + many + b"\r\n").endswith(b"\r\n\r\n0")


@pytest.mark.parametrize(
    ("status", "pieces"),
    [
        (431, [GET, *[b"".join(b"X-%d: b\r\n" % n for n in range(100))] * 300]),
        (431, [GET + b"X-A: ", *[b"a" * 100_000] * 100]),
        (431, [GET + b"X-A: " + b"a" * 65_600 + b"\r\n\r\n"]),
        (431, [b"GET / HTTP/1.1\r\n" + b"a" * 100_000, *[b"a" * 100_000] * 10]),
        (431, [b"\r\n" * 100_000, *[b"\r\n" * 100_000] * 10]),
        (414, [b"GET /?" + b"a" * 17_000]),
        (414, [b"GET /", *[b"a" * 100_000] * 100]),
        (431, [b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", *[b"X: y\r\n" * 20_000] * 10]),
        (431, [b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;", *[b"x" * 100_000] * 10]),
        (400, [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"]),
        (400, [b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"]),
    ],
)
def test_too_much_is_refused_in_words(port: int, status: int, pieces: list[bytes]) -> None:
    answer = answer_to(port, *pieces)
    assert status_of(answer) == status
    assert b"connection: close" in answer


def test_a_client_of_the_api_is_refused_in_json(port: int) -> None:
    answer = answer_to(port, b"GET /api/task HTTP/1.1\r\n", b"X: y\r\n" * 200)
    shown = orjson.loads(answer.partition(b"\r\n\r\n")[2])
    assert (shown["status_code"], shown["status"]) == (431, "failed")


def test_pipelined_requests_have_an_end(port: int) -> None:
    assert answer_to(port, (GET + b"\r\n") * 2000).count(b"HTTP/1.1 200") < 2000


@pytest.mark.parametrize(
    ("status", "half"),
    [
        (408, b"GET"),
        (408, GET + b"X"),
        (408, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345"),
        (408, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n123"),
    ],
)
def test_half_a_request_does_not_wait_for_ever(hasty: int, status: int, half: bytes) -> None:
    assert status_of(answer_to(hasty, half)) == status


def test_who_says_nothing_is_let_go(hasty: int) -> None:
    assert answer_to(hasty) == b""


def test_blank_lines_keep_no_line_open(hasty: int) -> None:
    with connected(hasty) as line:
        line.sendall(GET + b"\r\n")
        assert line.recv(65536).endswith(b"0")
        line.sendall(b"\r\n")
        assert rest_of(line) == b""


def test_a_body_that_keeps_coming_may_take_its_time(hasty: int) -> None:
    """More than what any body may take: the server lets two sweeps pass."""
    with connected(hasty) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 600000\r\n\r\n")
        for _ in range(30):
            line.sendall(b"0" * 20_000)
            threading.Event().wait(0.08)
        assert rest_of(line).endswith(b"\r\n\r\n600000")


def test_an_unread_body_is_let_pass_after_the_answer(port: int) -> None:
    body = b"0" * 3_000_000
    head = b"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n"
    with connected(port) as line:
        line.sendall(head)
        assert line.recv(65536).endswith(b"\r\n\r\n0")
        line.sendall(body + GET + b"Connection: close\r\n\r\n")
        assert rest_of(line).endswith(b"\r\n\r\n0")


def test_one_address_holds_a_few_lines_only(crowded: int) -> None:
    with connected(crowded) as first, connected(crowded) as second:
        for line in (first, second):
            line.sendall(GET + b"\r\n")
            assert line.recv(65536).startswith(b"HTTP/1.1 200")
        assert answer_to(crowded, GET + b"Connection: close\r\n\r\n") == b""
    # The server learns a moment later that they have gone.
    while not (answer := answer_to(crowded, GET + b"Connection: close\r\n\r\n")):
        pass
    assert answer.endswith(b"0")
