"""The demo projects' pictures, drawn from their own tasks."""

import io
import math
import random
from collections.abc import Callable, Sequence
from itertools import pairwise

from PIL import Image, ImageDraw

from webapp.demo.digits import INK_MAX, SIDE, Digit

WIDTH, HEIGHT = 1280, 720
"""Size of a project's picture: twice as wide as the widest card shows it."""
Colour = tuple[int, int, int]

NIGHT: Colour = (24, 18, 11)
BARK: Colour = (46, 33, 17)
CREAM: Colour = (255, 247, 230)
HONEY: Colour = (242, 169, 59)
AMBER: Colour = (200, 110, 24)
PAPER: Colour = (251, 248, 242)

_SUPERSAMPLING = 2


def _between(low: Colour, high: Colour, share: float) -> Colour:
    """The colour that lies `share` (0 to 1) of the way from one to another."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(low, high, strict=True))
    return red, green, blue


def _encoded(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.quantize(128, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
    return file.getvalue()


def digits_mosaic(digits: Sequence[Digit]) -> bytes:
    """A wall of real digits in the dark, some of them lit, as the answers come in: a PNG."""
    columns, rows = 16, 9
    tile = WIDTH // columns
    chance = random.Random(4)
    picture = Image.new("RGB", (WIDTH, HEIGHT), NIGHT)
    for place, digit in enumerate(chance.sample(list(digits), columns * rows)):
        column, row = place % columns, place // columns
        lit = _glow((column + 0.5) / columns, (row + 0.5) / rows) + chance.uniform(-0.28, 0.28)
        picture.paste(_tile(digit, tile, lit), (column * tile, row * tile))
    return _encoded(picture)


def _glow(x: float, y: float) -> float:
    """How much light falls on a place of the wall: most a little left of its middle."""
    return 1.05 - 1.7 * math.hypot((x - 0.42) * 1.25, y - 0.52)


def _tile(digit: Digit, side: int, lit: float) -> Image.Image:
    """One digit with a narrow dark edge: dim brown, then honey, and the brightest reversed like a filled cell."""
    if lit > 0.86:
        ground, ink = HONEY, (64, 38, 6)
    else:
        warmth = min(max(lit, 0.0), 1.0)
        ground, ink = _between(NIGHT, BARK, warmth), _between((112, 78, 36), CREAM, warmth)
    small = Image.new("RGB", (SIDE, SIDE))
    for place, amount in enumerate(digit.ink):
        small.putpixel((place % SIDE, place // SIDE), _between(ground, ink, amount / INK_MAX))
    inner = side - 8
    tile = Image.new("RGB", (side, side), NIGHT)
    tile.paste(small.resize((inner, inner), Image.Resampling.NEAREST), (4, 4))
    return tile


def colour_comb(colours: Sequence[str]) -> bytes:
    """A honeycomb whose cells are the colours to be named: a PNG."""
    radius = 74
    across, down = radius * math.sqrt(3), radius * 1.5
    ordered = sorted(colours, key=_hue)
    columns = math.ceil(WIDTH / across) + 1
    rows = math.ceil(HEIGHT / down) + 1

    def fill(column: int, row: int) -> Colour:
        share = (column + row * 0.35) / (columns + rows * 0.35)
        return _rgb(ordered[min(int(share * len(ordered)) + row % 3, len(ordered) - 1)])

    return _encoded(_comb(columns, rows, radius, fill))


def _comb(columns: int, rows: int, radius: float, fill: Callable[[int, int], Colour]) -> Image.Image:
    """Six-cornered cells that fill the picture, each in the colour that `fill` gives its column and row."""
    scale = _SUPERSAMPLING
    picture = Image.new("RGB", (WIDTH * scale, HEIGHT * scale), PAPER)
    draw = ImageDraw.Draw(picture)
    across, down = radius * math.sqrt(3) * scale, radius * 1.5 * scale
    for row in range(rows):
        for column in range(columns):
            x, y = column * across + (across / 2 if row % 2 else 0), row * down
            corners = [
                (x + (radius - 4) * scale * math.sin(turn), y + (radius - 4) * scale * math.cos(turn))
                for turn in (step * math.pi / 3 for step in range(6))
            ]
            draw.polygon(corners, fill=fill(column, row))
    return picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _rgb(colour: str) -> Colour:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _hue(colour: str) -> tuple[float, float]:
    """Order round the colour circle, the greys last, light before dark."""
    red, green, blue = (channel / 255 for channel in _rgb(colour))
    high, low = max(red, green, blue), min(red, green, blue)
    if high - low < 0.08:
        return 7.0, -high
    if high == red:
        turn = ((green - blue) / (high - low)) % 6
    elif high == green:
        turn = (blue - red) / (high - low) + 2
    else:
        turn = (red - green) / (high - low) + 4
    return turn, -high


def dusk_sky() -> bytes:
    """Hills below an evening sky with its first stars: a PNG."""
    chance = random.Random(11)
    scale = _SUPERSAMPLING
    width, height = WIDTH * scale, HEIGHT * scale
    column = Image.new("RGB", (1, height))
    for y in range(height):
        column.putpixel((0, y), _sky(y / height))
    picture = column.resize((width, height))
    draw = ImageDraw.Draw(picture)
    for _ in range(90):
        across, down = chance.uniform(0, width), chance.uniform(0, height * 0.5)
        shade = _between(_sky(down / height), CREAM, chance.random())
        draw.circle((across, down), chance.uniform(0.8, 2.6) * scale, fill=shade)
    draw.circle((width * 0.66, height * 0.7), 62 * scale, fill=(255, 226, 168))
    for depth, shade in enumerate(((150, 92, 62), (96, 62, 52), (47, 35, 34))):
        draw.polygon(_hills(width, height, depth), fill=shade)
    return _encoded(picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS))


def _sky(share: float) -> Colour:
    """The evening sky's colour from its top (0) to its foot (1)."""
    stops = [(0.0, (32, 38, 66)), (0.35, (92, 70, 104)), (0.62, (222, 128, 84)), (0.8, (250, 190, 106)), (1.0, HONEY)]
    for (start, low), (end, high) in pairwise(stops):
        if share <= end:
            return _between(low, high, (share - start) / (end - start))
    return HONEY


def _hills(width: int, height: int, depth: int) -> list[tuple[float, float]]:
    """The outline of one range of hills, the nearer (larger depth) the lower."""
    base = height * (0.72 + 0.1 * depth)
    ridge = [
        (
            float(x),
            base
            - height * 0.055 * math.sin(x / width * (4.2 + depth * 1.7) + depth * 2.1)
            - height * 0.02 * math.sin(x / width * (13 + depth * 4) + depth),
        )
        for x in range(0, width + 8, 8)
    ]
    return [*ridge, (float(width), float(height)), (0.0, float(height))]
