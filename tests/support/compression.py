"""What a body is before it is compressed."""

import gzip
import sys

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def decompressed(coding: str | None, content: bytes) -> bytes:
    """The content that travelled in this coding (`zstd`, `br`, `gzip`, or None for as it is)."""
    if coding is None:
        return content
    plain: bytes = {"zstd": zstd.decompress, "br": brotli.decompress, "gzip": gzip.decompress}[coding](content)
    return plain
