"""Pictures that people upload, turned upright, cropped, scaled and written anew: nothing but a picture is kept."""

import asyncio
import io
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from webapp.errors import Invalid
from webapp.i18n import gettext as _

MOST_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
QUALITY = 86


@dataclass(frozen=True, slots=True)
class Crop:
    """The part to keep: left, upper, right and lower edge in the picture's own pixels. All 0: all of it."""

    left: int = 0
    upper: int = 0
    right: int = 0
    lower: int = 0


async def prepare(data: bytes, crop: Crop, size: tuple[int, int], *, field: str = "avatar") -> bytes:
    """The picture as WebP within `size` (width, height). Raises Invalid for what is no picture, or too large a one."""
    return await asyncio.to_thread(_prepare, data, crop, size, field)


def _prepare(data: bytes, crop: Crop, size: tuple[int, int], field: str) -> bytes:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Invalid(field, _("This picture is too large."))
            picture = ImageOps.exif_transpose(opened).convert("RGBA" if _is_see_through(opened) else "RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise Invalid(field, _("This is not a picture: use PNG, JPEG, GIF or WebP.")) from error
    picture = _cropped(picture, crop)
    picture.thumbnail(size)
    written = io.BytesIO()
    picture.save(written, "WEBP", quality=QUALITY)
    return written.getvalue()


def _is_see_through(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA") or "transparency" in picture.info


def _cropped(picture: Image.Image, crop: Crop) -> Image.Image:
    """The part asked for, as far as it lies within the picture."""
    left, right = sorted((max(0, crop.left), min(picture.width, crop.right)))
    upper, lower = sorted((max(0, crop.upper), min(picture.height, crop.lower)))
    if right - left < 1 or lower - upper < 1:
        return picture
    return picture.crop((left, upper, right, lower))
