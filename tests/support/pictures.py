"""Small pictures to be sent."""

import io
import struct
import zlib
from typing import Any

from PIL import Image
from werkzeug.datastructures import FileStorage


def drawn(
    colour: str = "red", kind: str = "PNG", size: tuple[int, int] = (8, 6), mode: str = "RGB", **settings: Any
) -> bytes:
    """A picture of one colour."""
    data = io.BytesIO()
    Image.new(mode, size, colour).save(data, kind, **settings)
    return data.getvalue()


def sent_as(name: str, content: bytes) -> FileStorage:
    return FileStorage(io.BytesIO(content), filename=name)


def colour_of(content: bytes) -> tuple[int, ...]:
    """The colour in the middle, roughly: what is saved with losses is a little off."""
    with Image.open(io.BytesIO(content)) as picture:
        middle = colour_at(picture.convert("RGB"), (picture.width // 2, picture.height // 2))
    return tuple(round(part / 255) for part in middle)


def colour_at(picture: Image.Image, place: tuple[int, int]) -> tuple[int, ...]:
    """The parts of a pixel's colour, in a mode that has several."""
    found = picture.getpixel(place)
    assert isinstance(found, tuple)
    return found


def png_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_of_size(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG that says that it is so large, whatever is in it."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    lines = png_chunk(b"IDAT", zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + lines + png_chunk(b"IEND", b"")
