"""Answers travel compressed to callers who take it (`Accept-Encoding`). Why so, and the figures behind each number
here, is in docs/decisions/compression.md.

What is made for a request is compressed as it leaves; static files have compressed siblings from the front-end build
(`webapp.http.statics`). Streams are left as they are: events must not wait, and exports are compressed already.
"""

import asyncio
import gzip
import sys
from collections.abc import Callable
from functools import lru_cache, partial

from werkzeug.datastructures import Accept, Headers
from werkzeug.http import parse_accept_header

from webapp.http.application import Request
from webapp.http.security.csrf import from_elsewhere

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

import brotli

LARGE = 128 * 1024
"""Bytes. More is compressed in a thread: it takes a millisecond or more."""
_ZSTD: dict[int, int] = {
    zstd.CompressionParameter.compression_level: 3,
    # Tables of 32 KiB: as good for bodies as small as these, and most of what is in the processor's caches stays there.
    zstd.CompressionParameter.hash_log: 13,
    zstd.CompressionParameter.chain_log: 13,
}
_zstd_of_the_loop = zstd.ZstdCompressor(options=_ZSTD)
"""Its memory is used again and again: it is the event loop's alone."""


def _by_zstd(content: bytes) -> bytes:
    if len(content) >= LARGE:
        return zstd.compress(content, options=_ZSTD)
    return _zstd_of_the_loop.compress(content, zstd.ZstdCompressor.FLUSH_FRAME)


CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": _by_zstd,
    "br": partial(brotli.compress, quality=1),
    "gzip": partial(gzip.compress, compresslevel=1, mtime=0),
}
"""By the names that callers know them by; the first of those that a caller likes alike is taken."""
SMALLEST = 1400
"""Bytes. Less fits into one packet, and arrives no sooner compressed: draws and answers, which are most of the requests
there are, pay for none of this."""
COMPRESSIBLE = frozenset({"application/json", "application/manifest+json", "application/x-ndjson", "image/svg+xml"})
"""Kinds of content beside texts; pictures, sounds, films, fonts and archives are compressed already."""
VARY = "Accept-Encoding"


@lru_cache(maxsize=256)
def preferred(accepted: str, offered: tuple[str, ...]) -> str | None:
    """The coding that the caller likes best of those on offer, the first of equals; None for the content as it is."""
    liked = parse_accept_header(accepted, Accept)
    best = max(offered, key=liked.quality, default=None)
    if best is None or liked.quality(best) == 0 or liked.quality(best) < liked.quality("identity"):
        return None
    return best


def negotiate(request: Request, headers: Headers, n_bytes: int) -> str | None:
    """The coding in which a body of `n_bytes` with these headers goes out; None for none. The headers say from now on
    what it depends on, and have a weak tag for what is not sent byte for byte."""
    if n_bytes < SMALLEST:
        return None
    said = {name.lower(): value for name, value in headers}  # once: each look for a header goes through all
    if not is_compressible(said.get("content-type", "")) or "content-encoding" in said or "content-range" in said:
        return None
    vary = said.get("vary")
    if vary is None or VARY not in vary:
        headers["Vary"] = f"{vary}, {VARY}" if vary else VARY
    if _may_be_guessing(request):
        return None
    coding = preferred(request.headers.get("Accept-Encoding", ""), tuple(CODINGS))
    tag = said.get("etag", "")
    if coding is not None and tag.startswith('"'):
        headers["ETag"] = f"W/{tag}"
    return coding


def is_compressible(content_type: str) -> bool:
    """Whether content of this type is text, and so becomes much smaller."""
    kind = content_type.partition(";")[0]
    return kind in COMPRESSIBLE or kind.startswith("text/")


def _may_be_guessing(request: Request) -> bool:
    """Whether a page of another site has this browser ask with its cookies. Such a page chooses a part of the address,
    and a size that depends on how much of that the answer repeats would tell it what else is in there (BREACH)."""
    return from_elsewhere(request) and bool(request.cookies)


async def compressed(request: Request, headers: Headers, content: bytes) -> bytes:
    """The body as it travels to this caller, which the headers say from now on."""
    coding = negotiate(request, headers, len(content))
    if coding is None:
        return content
    compress = CODINGS[coding]
    smaller = compress(content) if len(content) < LARGE else await asyncio.to_thread(compress, content)
    headers["Content-Encoding"] = coding
    headers["Content-Length"] = str(len(smaller))
    return smaller
