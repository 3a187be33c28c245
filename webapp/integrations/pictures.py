"""Pictures that people upload, written anew: nothing but what there is to see is kept, and no place where it was taken.

A small file can unfold to more than there is memory. So sizes are looked at before anything is unfolded, and one
process unfolds one picture at a time.
"""

import asyncio
import io
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, TypeVar

from PIL import Image, ImageCms, ImageOps, ImageSequence, UnidentifiedImageError

from webapp.errors import Invalid
from webapp.i18n import gettext as _

Made = TypeVar("Made")
MOST_PIXELS = 40_000_000
"""Of a picture, or of all the pictures of an animation together."""
MOST_FRAMES = 1000
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
PREPARED_WITH = {"quality": 50, "speed": 8, "max_threads": 1}
"""Two thirds of the bytes of WebP with a quality of 80, and nobody sees which is which."""
FORMAT_OF = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
}
"""The kinds of pictures that are kept as what they are."""
SAVED_WITH: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 92},
    "WEBP": {"quality": 90},
    "AVIF": {"quality": 85, "speed": 8},
}
MODES = {
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "JPEG": ("L", "RGB"),
    "GIF": ("1", "L", "P", "RGB", "RGBA"),
    "WEBP": ("RGB", "RGBA"),
    "AVIF": ("RGB", "RGBA"),
}
"""How each format can hold colours."""
IN_MEMORY = 4 * 1024 * 1024

_at_a_time = ThreadPoolExecutor(1, "pictures")


@dataclass(frozen=True, slots=True)
class Crop:
    """The part to keep: left, upper, right and lower edge in the picture's own pixels. All 0: all of it."""

    left: int = 0
    upper: int = 0
    right: int = 0
    lower: int = 0


@dataclass(frozen=True, slots=True)
class Sizes:
    """How a picture is shown: within how many pixels (width, height) at most, and within how many elsewhere. The widths
    are those of `webapp.urls.SMALLER_WIDTHS`."""

    larger: tuple[int, int]
    smaller: tuple[int, int]


COVER = Sizes((768, 432), (384, 216))
"""A project's: for screens of two pixels to each of the page's, and of one. A card is up to 23rem wide."""
AVATAR = Sizes((192, 192), (72, 72))
"""A person's, on their own page (96 pixels) and elsewhere (36), twice as large for the same screens."""
AVIF_TYPE = "image/avif"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A picture as AVIF in two sizes."""

    width: int
    """The larger's at most, as its name says."""
    larger: bytes
    smaller: bytes


async def prepare(file: IO[bytes], crop: Crop, sizes: Sizes, *, field: str = "avatar") -> Prepared:
    """The picture in both sizes. Raises Invalid for what is no picture, or too large a one."""
    return await _in_turn(partial(_prepare, file, crop, sizes, field))


async def rewritten(file: IO[bytes], kind: str, *, field: str = "file") -> IO[bytes]:
    """The same picture or animation in a file of its own, upright, without whatever else the file held. Raises Invalid
    for what is no whole picture of that kind, or too large a one."""
    return await _in_turn(partial(_rewritten, file, FORMAT_OF[kind], field))


async def _in_turn(work: Callable[[], Made]) -> Made:
    return await asyncio.get_running_loop().run_in_executor(_at_a_time, work)


@contextmanager
def _opened(file: IO[bytes], formats: tuple[str, ...], field: str) -> Iterator[Image.Image]:
    """The picture in the file, known to be small enough; whatever turns out to be wrong with it is Invalid."""
    file.seek(0)
    try:
        with Image.open(file, formats=formats) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Invalid(field, _("This picture is too large."))
            yield opened
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise Invalid(field, _("This is not a picture: use PNG, JPEG, GIF or WebP.")) from error


def _prepare(file: IO[bytes], crop: Crop, sizes: Sizes, field: str) -> Prepared:
    with _opened(file, FORMATS, field) as opened:
        picture = _plain(opened, "AVIF")
    picture = _cropped(picture, crop)
    return Prepared(sizes.larger[0], _within(picture, sizes.larger), _within(picture, sizes.smaller))


def _within(picture: Image.Image, size: tuple[int, int]) -> bytes:
    """As AVIF, no larger than that. The picture itself has this size from now on."""
    picture.thumbnail(size)
    written = io.BytesIO()
    picture.save(written, "AVIF", **PREPARED_WITH)
    return written.getvalue()


def _rewritten(file: IO[bytes], kind: str, field: str) -> IO[bytes]:
    written: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the caller closes it
    try:
        with _opened(file, (kind,), field) as opened:
            if kind != "JPEG" and getattr(opened, "is_animated", False):
                _save_animation(opened, written, kind, field)
            else:
                _plain(opened, kind).save(written, kind, **SAVED_WITH.get(kind, {}))
    except BaseException:
        written.close()
        raise
    written.seek(0)
    return written


def _save_animation(opened: Image.Image, written: IO[bytes], kind: str, field: str) -> None:
    frames: list[Image.Image] = []
    durations, n_pixels = [], 0
    loops = opened.info.get("loop")
    for frame in ImageSequence.Iterator(opened):
        n_pixels += frame.width * frame.height
        if n_pixels > MOST_PIXELS or len(frames) == MOST_FRAMES:
            raise Invalid(field, _("This picture is too large."))
        frames.append(_bare(frame.convert("RGBA")))
        durations.append(round(frame.info.get("duration", 0)))
    settings = SAVED_WITH.get(kind, {}) | ({} if loops is None else {"loop": loops})
    if kind == "GIF":
        settings["disposal"] = 2
    frames[0].save(written, kind, save_all=True, append_images=frames[1:], duration=durations, **settings)


def _plain(picture: Image.Image, kind: str) -> Image.Image:
    """The picture itself, read to its end and upright, in colours that the format can hold and every browser shows
    alike, with nothing beside it. A large one takes 150 MB, so it is copied only if it must."""
    picture.load()
    ImageOps.exif_transpose(picture, in_place=True)
    picture = _in_common_colours(picture)
    if picture.mode not in MODES[kind] and picture.mode.startswith("I"):
        picture = _in_eight_bits(picture)
    if picture.mode not in MODES[kind]:
        see_through = kind != "JPEG" and (picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info)
        picture = picture.convert("RGBA" if see_through else "RGB")
    return _bare(picture)


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """16-bit greys on a scale of 256; converting them cuts off whatever is brighter than the darkest 256."""
    grey = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if "transparency" in picture.info:
        grey.info["transparency"] = int(picture.info["transparency"]) >> 8
    return grey


def _in_common_colours(picture: Image.Image) -> Image.Image:
    """In sRGB, so that the colours stay as they were without the file's own profile."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK"):
        return picture
    mode = "RGB" if picture.mode == "CMYK" else picture.mode
    try:
        changed = ImageCms.profileToProfile(
            picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=mode
        )
    except (ImageCms.PyCMSError, OSError):
        return picture
    return changed or picture


def _bare(picture: Image.Image) -> Image.Image:
    """Comments, profiles and the like would be written again."""
    picture.info = {name: value for name, value in picture.info.items() if name == "transparency"}
    return picture


def _cropped(picture: Image.Image, crop: Crop) -> Image.Image:
    """The part asked for, as far as it lies within the picture."""
    left, right = sorted((max(0, crop.left), min(picture.width, crop.right)))
    upper, lower = sorted((max(0, crop.upper), min(picture.height, crop.lower)))
    if right - left < 1 or lower - upper < 1:
        return picture
    return picture.crop((left, upper, right, lower))
