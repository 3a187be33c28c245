"""The 1,797 handwritten digits: read from the file beside this module, and drawn as pictures.

A picture travels inside its task as a `data:` URI of some 550 characters. It is there with the task, so that a
prefetched task needs no second request, a batch taken offline is complete, and exports carry what was asked; and no
thousand small files are written when the demo is made.
"""

import base64
import csv
import gzip
import io
from dataclasses import dataclass
from importlib.resources import files

from PIL import Image

SIDE = 8
"""Squares in a row, and rows, of a digit."""
INK_MAX = 16
PICTURE_SIDE = 256
"""Pixels; a multiple of `SIDE`, so that every square keeps sharp edges wherever the picture is shown."""
_COMPRESSION = 6


@dataclass(frozen=True, slots=True)
class Digit:
    """One handwritten digit; `sample` is its place in the data set, counted from 1."""

    sample: int
    label: int
    ink: tuple[int, ...]
    """The ink of the 64 squares, row by row, each 0 to 16."""


def load_digits() -> list[Digit]:
    """All digits, in the data set's order."""
    packed = files("webapp.demo").joinpath("digits.csv.gz").read_bytes()
    rows = csv.reader(io.StringIO(gzip.decompress(packed).decode("ascii")))
    next(rows)
    return [_digit(sample, [int(value) for value in row]) for sample, row in enumerate(rows, start=1)]


def _digit(sample: int, values: list[int]) -> Digit:
    label, *ink = values
    if len(ink) != SIDE * SIDE or not 0 <= label <= 9 or not all(0 <= square <= INK_MAX for square in ink):
        raise ValueError(f"digits.csv.gz: sample {sample} is damaged")
    return Digit(sample=sample, label=label, ink=tuple(ink))


def grey(ink: int) -> int:
    """The brightness, 0 to 255, of a square with that much ink: light writing on a dark ground."""
    return round(ink * 255 / INK_MAX)


def digit_image(digit: Digit, side: int = PICTURE_SIDE) -> Image.Image:
    """The digit as a picture whose palette holds only the greys in use."""
    shades = sorted(set(digit.ink))
    places = {ink: place for place, ink in enumerate(shades)}
    image = Image.frombytes("P", (SIDE, SIDE), bytes(places[ink] for ink in digit.ink))
    image.putpalette([level for ink in shades for level in (grey(ink),) * 3])
    return image.resize((side, side), Image.Resampling.NEAREST)


def digit_png(digit: Digit) -> bytes:
    """The picture as a PNG file of some 400 bytes."""
    file = io.BytesIO()
    digit_image(digit).save(file, "PNG", compress_level=_COMPRESSION)
    return file.getvalue()


def digit_data_uri(digit: Digit) -> str:
    """The picture as text that an `img` takes for its `src`."""
    return "data:image/png;base64," + base64.b64encode(digit_png(digit)).decode("ascii")
