"""Calls to other people's servers: webhooks, importers. One client, guarded against being used as a scanner
(docs/contract/gaps.md 3.16).

Names are resolved here and every address is checked before a connection is opened; redirects open new connections, so
they are checked too. Time and size are bounded.
"""

import asyncio
import socket
import ssl
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from ipaddress import IPv6Address, ip_address

import httpcore
import httpx
from httpcore import AnyIOBackend, AsyncNetworkBackend, AsyncNetworkStream

from webapp.errors import WorkbeeError
from webapp.integrations.special_addresses import Address, Network, is_public

TIMEOUT_S = 20.0
"""How long the other server may be silent, and how long a whole answer may take of which only the status or the
beginning matters: one that comes byte by byte must not hold up its caller for good."""
MAX_REDIRECTS = 5
PIECE = 64 * 1024
MOST_TIMES = 200
"""How many times larger than what is sent an unpacked body may be; data of people shrink to a thirtieth."""
ALWAYS_UNPACKED = 4 * 1024 * 1024

CALL_FAILURES = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    ValueError,
)


class OutboundError(WorkbeeError):
    """The other server could not be reached, or answered in a way that cannot be used; `message` says how."""

    status = 502
    message = "The other server did not answer."


class UnpacksTooLarge(OutboundError):
    message = "What the other server sends is compressed so that this server does not unpack it."


class ForbiddenAddress(OutboundError):
    message = "That address is not on the public internet, so this server does not call it."


class GuardedBackend(AsyncNetworkBackend):
    """Opens TCP connections to addresses that may be called, and to no others."""

    def __init__(self, allowed: Iterable[Network]) -> None:
        self._allowed = tuple(allowed)
        self._backend = AnyIOBackend()

    def may_call(self, address: Address) -> bool:
        """Whether the address is the operator's, who allows it, or everybody's."""
        target = address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
        allowed = any(target in network for network in self._allowed if network.version == target.version)
        return allowed or is_public(target)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> AsyncNetworkStream:
        addresses = await _resolve(host, port)
        # All of them: a name with a public and a private address is a trick, whichever would be tried first.
        if not all(self.may_call(address) for address in addresses):
            raise ForbiddenAddress
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                return await self._backend.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> AsyncNetworkStream:
        raise ForbiddenAddress

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


async def _resolve(host: str, port: int) -> list[Address]:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} is not known") from error
    # With its zone, where it has one: that is a link's, and refused as such.
    return list(dict.fromkeys(ip_address(str(entry[4][0])) for entry in found))


@cache
def _tls() -> ssl.SSLContext:
    """The certificates that are trusted, read once a process: that takes a tenth of a second."""
    return httpx.create_ssl_context(trust_env=False)


class _Received(httpx.AsyncByteStream):
    """The body of an answer, as it comes."""

    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._answer.aiter_stream():
            yield piece

    async def aclose(self) -> None:
        await self._answer.aclose()


class _GuardedTransport(httpx.AsyncBaseTransport):
    """httpcore's connections, through the guard: httpx's own transport takes no network backend."""

    def __init__(self, allowed: Iterable[Network]) -> None:
        self._connections = httpcore.AsyncConnectionPool(ssl_context=_tls(), network_backend=GuardedBackend(allowed))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Raises ForbiddenAddress, and what httpcore raises."""
        url = request.url
        answer = await self._connections.handle_async_request(
            httpcore.Request(
                request.method,
                httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Received(answer), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        await self._connections.aclose()


class Outbound:
    """The HTTP client for other people's servers."""

    def __init__(self, allowed: Iterable[Network] = ()) -> None:
        self._client = httpx.AsyncClient(
            transport=_GuardedTransport(allowed),
            timeout=TIMEOUT_S,
            follow_redirects=True,
            max_redirects=MAX_REDIRECTS,
            trust_env=False,
            headers={"User-Agent": "Workbee", "Accept-Encoding": "gzip"},
        )

    async def close(self) -> None:
        await self._client.aclose()

    @asynccontextmanager
    async def stream(self, url: str, headers: Mapping[str, str] | None = None) -> AsyncIterator[httpx.Response]:
        """GET `url`, its body left to be read in pieces. Raises OutboundError."""
        try:
            async with self._client.stream("GET", url, headers=dict(headers or {})) as response:
                yield response
        except CALL_FAILURES as error:
            raise _as_outbound(error) from error

    async def status_of(self, url: str) -> int:
        """The HTTP status that a GET of `url` is answered with; the body is not read. Raises OutboundError."""
        async with _in_time(), self.stream(url) as response:
            return response.status_code

    async def post_json(self, url: str, body: bytes, headers: dict[str, str], *, most: int = 65536) -> tuple[int, str]:
        """POST JSON; the status and the first 64 KiB (or `most` bytes) of the answer. Raises OutboundError."""
        try:
            async with (
                _in_time(),
                self._client.stream(
                    "POST", url, content=body, headers={"Content-Type": "application/json"} | headers
                ) as response,
            ):
                return response.status_code, await _read_some(response, most)
        except CALL_FAILURES as error:
            raise _as_outbound(error) from error


@asynccontextmanager
async def _in_time() -> AsyncIterator[None]:
    """Raises OutboundError if what is done within is not done after `TIMEOUT_S`."""
    try:
        async with asyncio.timeout(TIMEOUT_S):
            yield
    except TimeoutError as error:
        raise OutboundError("The other server took too long to answer.") from error


async def unpacked(response: httpx.Response) -> AsyncGenerator[bytes]:
    """The body in small pieces, unpacked if it is compressed as was asked for: never more in memory than what a reader
    takes, however much it unpacks to. Raises UnpacksTooLarge for other and for repeated compression, and for bodies
    that unpack to far more than data does."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        async for chunk in response.aiter_raw(PIECE):
            yield chunk
        return
    if encoding not in ("gzip", "x-gzip"):
        raise UnpacksTooLarge
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    n_read = n_unpacked = 0
    async for chunk in response.aiter_raw(PIECE):
        n_read += len(chunk)
        for piece in _pieces(unpacking, chunk):
            n_unpacked += len(piece)
            if n_unpacked > max(MOST_TIMES * n_read, ALWAYS_UNPACKED):
                raise UnpacksTooLarge
            yield piece


def _pieces(unpacking: "zlib._Decompress", chunk: bytes) -> Iterator[bytes]:
    """What the chunk adds. Raises OutboundError for what is not compressed at all."""
    piece = b""
    while chunk or len(piece) == PIECE:
        try:
            piece = unpacking.decompress(chunk, PIECE)
        except zlib.error as error:
            raise OutboundError("The other server's answer is damaged.") from error
        if piece:
            yield piece
        chunk = unpacking.unconsumed_tail


async def _read_some(response: httpx.Response, most: int) -> str:
    kept = bytearray()
    async for chunk in unpacked(response):
        kept += chunk
        if len(kept) >= most:
            break
    return bytes(kept[:most]).decode(response.encoding or "utf-8", "replace")


def _as_outbound(error: Exception) -> OutboundError:
    if isinstance(error, httpcore.TimeoutException):
        return OutboundError("The other server took too long to answer.")
    if isinstance(error, httpx.TooManyRedirects):
        return OutboundError("The other server redirects without end.")
    if isinstance(error, httpx.InvalidURL | httpcore.UnsupportedProtocol | ValueError):
        return OutboundError("This is not an http or https address.")
    return OutboundError()
