"""Calls to other servers: guarded before a connection is opened, and at every redirect (docs/contract/gaps.md 3.16)."""

import asyncio
import gzip
import http.server
import threading
import time
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, suppress
from ipaddress import ip_address, ip_network

import pytest

from tests.support.listening import listening
from webapp.integrations.outbound import (
    ForbiddenAddress,
    GuardedBackend,
    Outbound,
    OutboundError,
    UnpacksTooLarge,
    unpacked,
)

LOOPBACK = ip_network("127.0.0.0/8")


class Handler(http.server.BaseHTTPRequestHandler):
    seen: list[str]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing on the terminal."""

    def do_GET(self) -> None:
        type(self).seen.append(self.path)
        if self.path.startswith("/drip"):
            self._drip()
            return
        if self.path.startswith("/cut"):
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nthe beginning")
            return
        if self.path.startswith("/away"):
            self.send_response(302)
            self.send_header("Location", "http://[::1]:1/")
        else:
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.do_GET()

    def _drip(self) -> None:
        """Never silent for long, and never done."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _byte in range(30):
            self.wfile.write(b"x")
            self.wfile.flush()
            time.sleep(0.1)


@pytest.fixture
def server() -> Iterator[str]:
    Handler.seen = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


async def test_an_allowed_network_is_called(server: str) -> None:
    outbound = Outbound([LOOPBACK])
    assert await outbound.status_of(f"{server}/hook") == 200
    await outbound.close()


async def test_a_private_address_is_not_even_connected_to(server: str) -> None:
    outbound = Outbound()
    for name in (server, server.replace("127.0.0.1", "localhost")):
        with pytest.raises(ForbiddenAddress):
            await outbound.status_of(f"{name}/hook")
    await outbound.close()
    assert Handler.seen == []


async def test_a_redirect_leads_nowhere_else(server: str) -> None:
    outbound = Outbound([LOOPBACK])
    with pytest.raises(ForbiddenAddress):
        await outbound.status_of(f"{server}/away")
    await outbound.close()


async def test_what_breaks_off_or_is_not_there_is_told_as_such(server: str) -> None:
    outbound = Outbound([LOOPBACK])
    with pytest.raises(OutboundError, match="did not answer"):
        await outbound.post_json(f"{server}/cut", b"{}", {})
    with pytest.raises(OutboundError, match="did not answer"):
        async with outbound.stream(f"{server}/cut") as response:
            assert [piece async for piece in unpacked(response)] == [b"never"]
    with pytest.raises(OutboundError, match="did not answer"):
        await outbound.status_of("http://127.0.0.1:1/")
    await outbound.close()


async def test_an_answer_that_comes_byte_by_byte_is_not_waited_for(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.integrations.outbound.TIMEOUT_S", 0.5)
    outbound = Outbound([LOOPBACK])
    began = time.monotonic()
    with pytest.raises(OutboundError, match="too long"):
        await outbound.status_of(f"{server}/drip")
    with pytest.raises(OutboundError, match="too long"):
        await outbound.post_json(f"{server}/drip", b"{}", {})
    assert time.monotonic() - began < 2
    await outbound.close()


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://example.org/", "nonsense", "http://"])
async def test_other_schemes_are_refused(address: str) -> None:
    outbound = Outbound([LOOPBACK])
    with pytest.raises(OutboundError):
        await outbound.status_of(address)
    await outbound.close()


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "127.0.0.1",
        "0.0.0.0",
        "::1",
        "fe80::1",
        "fc00::1",
        "::ffff:10.0.0.1",
        "::10.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::10.0.0.1",
        "2002:7f00:1::1",
    ],
)
def test_what_is_not_on_the_public_internet(address: str) -> None:
    assert not GuardedBackend(()).may_call(ip_address(address))


REGISTRIES = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "255.255.255.255/32",
    "::1/128",
    "::/128",
    "::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    "2001::/23",
    "2001::/32",
    "2001:1::1/128",
    "2001:2::/48",
    "2001:3::/32",
    "2001:4:112::/48",
    "2001:10::/28",
    "2001:20::/28",
    "2001:30::/28",
    "2001:db8::/32",
    "2002::/16",
    "2620:4f:8000::/48",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]
"""Every entry of IANA's special-purpose registries, with multicast and what old systems still route. ::ffff:0:0/96 and
64:ff9b::/96 stand for the IPv4 addresses in them, and are tried with those."""


@pytest.mark.parametrize("network", REGISTRIES)
def test_no_special_purpose_range_is_called(network: str) -> None:
    guard, span = GuardedBackend(()), ip_network(network)
    step = max(1, span.num_addresses // 64)
    for place in (*range(0, span.num_addresses, step), span.num_addresses - 1):
        address = span[place]
        assert not guard.may_call(address), address
        if span.version == 4:
            assert not guard.may_call(ip_address(f"::ffff:{address}")), address
            assert not guard.may_call(ip_address(f"64:ff9b::{address}")), address


PRIVATE = ("127.0.0.1", "10.0.0.1", "169.254.169.254")


@pytest.mark.parametrize("private", PRIVATE)
@pytest.mark.parametrize("around", ["::{}", "::ffff:{}", "64:ff9b::{}", "64:ff9b:1::{}", "2002:{hex}::1", "teredo"])
def test_a_private_address_is_not_reached_within_another(private: str, around: str) -> None:
    number = int(ip_address(private))
    wrapped = (
        str(ip_address((0x20010000 << 96) + (0xFFFFFFFF ^ number)))
        if around == "teredo"
        else around.format(private, hex=f"{number >> 16:x}:{number & 0xFFFF:x}")
    )
    assert not GuardedBackend(()).may_call(ip_address(wrapped))


def test_a_link_s_zone_is_not_the_internet() -> None:
    for address in ("fe80::1%eth0", "2606:4700:4700::1111%1"):
        assert not GuardedBackend(()).may_call(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "9.9.9.9", "2606:4700:4700::1111", "::ffff:93.184.216.34", "64:ff9b::93.184.216.34"],
)
def test_a_public_address_may_be_called(address: str) -> None:
    assert GuardedBackend(()).may_call(ip_address(address))


class Answering:
    """A server that answers with any body in any encoding, and a client that may call it."""

    def __init__(self) -> None:
        self.outbound = Outbound([LOOPBACK])
        self.port, self._head, self._body = 0, b"", b""

    def url(self, body: bytes, encoding: str) -> str:
        lines = [
            "HTTP/1.1 200 OK",
            f"Content-Length: {len(body)}",
            f"Content-Encoding: {encoding}",
            "Connection: close",
        ]
        self._head, self._body = "\r\n".join([*lines, "", ""]).encode(), body
        return f"http://127.0.0.1:{self.port}/"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        with suppress(ConnectionError):
            writer.write(self._head + self._body)
            await writer.drain()
            writer.close()


@pytest.fixture
async def answering() -> AsyncIterator[Answering]:
    made = Answering()
    async with listening(made.answer) as made.port:
        yield made
        await made.outbound.close()


def gzipped(content: bytes, times: int = 1) -> bytes:
    for _again in range(times):
        content = gzip.compress(content)
    return content


async def fetched(outbound: Outbound, url: str) -> bytes:
    async with outbound.stream(url) as response, aclosing(unpacked(response)) as pieces:
        return b"".join([piece async for piece in pieces])


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"a,b\n" + b"row,row\n" * 100_000])
async def test_what_was_compressed_is_unpacked_in_pieces(answering: Answering, content: bytes) -> None:
    for encoding, body in (("identity", content), ("gzip", gzipped(content))):
        assert await fetched(answering.outbound, answering.url(body, encoding)) == content


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzipped(b"\0" * 50_000_000)),
        ("gzip, gzip", gzipped(b"\0" * 50_000_000, 2)),
        ("br", b"\x0b\x02\x80hello\x03"),
    ],
)
async def test_what_unpacks_to_far_too_much_is_not_unpacked(answering: Answering, encoding: str, body: bytes) -> None:
    url = answering.url(body, encoding)
    tracemalloc.start()
    with pytest.raises(UnpacksTooLarge):
        await fetched(answering.outbound, url)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 16 * 1024 * 1024


async def test_what_is_damaged_is_said(answering: Answering) -> None:
    with pytest.raises(OutboundError, match="damaged"):
        await fetched(answering.outbound, answering.url(b"no gzip", "gzip"))


async def test_a_name_of_several_addresses_is_called_only_if_all_are_public(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The resolver is the one part that cannot be real: no name on this machine has such addresses."""

    async def both(host: str, port: int) -> list[object]:
        return [ip_address("127.0.0.1"), ip_address("10.0.0.1")]

    monkeypatch.setattr("webapp.integrations.outbound._resolve", both)
    outbound = Outbound([LOOPBACK])
    with pytest.raises(ForbiddenAddress):
        await outbound.status_of(server.replace("127.0.0.1", "two.example"))
    await outbound.close()
    assert Handler.seen == []
