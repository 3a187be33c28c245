"""Pictures written anew: what there is to see stays, all else goes, and what is made to do harm is refused."""

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from typing import Any, cast

import pytest
from PIL import Image, ImageCms, ImageSequence

from tests.support.pictures import colour_at, colour_of, drawn, png_chunk, png_of_size
from webapp.errors import Invalid
from webapp.integrations import pictures
from webapp.integrations.pictures import (
    AVATAR,
    COVER,
    FORMAT_OF,
    FORMATS,
    MOST_FRAMES,
    Crop,
    Sizes,
    prepare,
    rewritten,
)
from webapp.urls import SMALLER_WIDTHS

KIND_OF = {kind: mimetype for mimetype, kind in FORMAT_OF.items()}
SCRIPT = b"<script>alert(document.domain)</script>"


async def anew(content: bytes, kind: str) -> bytes:
    with await rewritten(io.BytesIO(content), KIND_OF[kind]) as file:
        return file.read()


def shown(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("kind", KIND_OF)
async def test_a_picture_stays_what_it_is(kind: str) -> None:
    kept = await anew(drawn("lime", kind, (80, 60)), kind)

    with shown(kept) as picture:
        assert (picture.format, picture.size) == (kind, (80, 60))
    assert colour_of(kept) == (0, 1, 0)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
async def test_where_it_was_taken_is_forgotten_and_it_stands_upright(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "the camera of Ann"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)

    kept = await anew(drawn("blue", kind, (80, 60), exif=exif), kind)

    with shown(kept) as picture:
        assert picture.size == (60, 80)
        assert not picture.getexif() and "exif" not in picture.info
    assert b"the camera of Ann" not in kept


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("JPEG", {"comment": SCRIPT}),
        ("GIF", {"comment": SCRIPT}),
        ("JPEG", {"icc_profile": SCRIPT * 10}),
        ("PNG", {"icc_profile": SCRIPT * 10}),
        ("WEBP", {"xmp": SCRIPT, "icc_profile": SCRIPT * 10}),
    ],
)
async def test_what_hides_beside_the_picture_is_gone(kind: str, settings: dict[str, Any]) -> None:
    content = drawn("red", kind, **settings) + SCRIPT
    assert SCRIPT in content

    kept = await anew(content, kind)

    assert SCRIPT not in kept and colour_of(kept) == (1, 0, 0)
    with shown(kept) as picture:
        assert not {"comment", "icc_profile", "xmp"} & picture.info.keys()


async def test_a_file_that_is_a_picture_and_an_archive_is_a_picture_afterwards() -> None:
    assert b"PK\x03\x04" not in await anew(drawn() + b"PK\x03\x04\x14" + b"\0" * 100 + SCRIPT, "PNG")


async def test_colours_stay_as_they_were_shown_without_the_files_own_profile() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = profile.replace(b"rXYZ", b"-XYZ").replace(b"gXYZ", b"rXYZ").replace(b"-XYZ", b"gXYZ")
    assert colour_of(await anew(drawn("red", "PNG", icc_profile=swapped), "PNG")) == (0, 1, 0)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
async def test_every_way_of_holding_colours_is_kept(mode: str) -> None:
    with shown(await anew(drawn("white", mode=mode), "PNG")) as picture:
        assert picture.mode == mode


async def test_print_colours_are_turned_into_those_of_screens() -> None:
    with shown(await anew(drawn("white", "JPEG", mode="CMYK"), "JPEG")) as picture:
        assert picture.mode == "RGB"


def stripes(mode: str) -> Image.Image:
    """Four greys from left to right, in any way of holding colours."""
    grey = Image.new("L", (64, 16))
    for place, value in enumerate(GREYS):
        grey.paste(value, (place * 16, 0, place * 16 + 16, 16))
    if mode.startswith("I;16"):
        wide = struct.pack("<1024H", *(value * 257 for value in grey.tobytes()))
        return Image.frombytes("I;16", grey.size, wide)
    return grey.convert(mode)


GREYS = (30, 90, 150, 220)


def greys_of(content: bytes) -> list[int]:
    with shown(content) as picture:
        whole = picture.convert("I").point(lambda value: value / 257) if picture.mode == "I;16" else picture
        average = whole.convert("RGB").convert("L").resize((4, 1), Image.Resampling.BOX)
    return [cast("int", average.getpixel((place, 0))) for place in range(4)]


def every_way() -> Iterator[tuple[str, str, bytes]]:
    """Each kind of picture in each mode that it can be written in."""
    for kind in KIND_OF:
        wide = ("I;16",) * (kind == "PNG")  # what writes the others cuts them off by itself
        for mode in ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", *wide):
            data = io.BytesIO()
            with suppress(OSError, ValueError, KeyError):
                stripes(mode).save(data, kind, **({"quality": 95} if kind in ("JPEG", "WEBP", "AVIF") else {}))
                yield kind, mode, data.getvalue()


@pytest.mark.parametrize(
    ("kind", "mode", "content"), list(every_way()), ids=lambda given: given if len(given) < 9 else ""
)
async def test_no_way_of_holding_colours_comes_out_white_or_black(kind: str, mode: str, content: bytes) -> None:
    again = await anew(content, kind)
    made = [again]
    if kind in FORMATS:
        prepared = await prepare(io.BytesIO(content), Crop(), Sizes((64, 16), (32, 8)))
        made += [prepared.larger, prepared.smaller]
    for content in made:
        assert all(abs(found - wanted) < 16 for found, wanted in zip(greys_of(content), GREYS, strict=True))


@pytest.mark.parametrize("sizes", [COVER, AVATAR])
async def test_a_picture_is_prepared_in_the_two_widths_that_pages_know_of(sizes: Sizes) -> None:
    assert SMALLER_WIDTHS[sizes.larger[0]] == sizes.smaller[0]
    made = await prepare(io.BytesIO(drawn("lime", "PNG", (2000, 2000))), Crop(), sizes)
    for content, size in ((made.larger, sizes.larger), (made.smaller, sizes.smaller)):
        with shown(content) as picture:
            assert (picture.format, picture.height) == ("AVIF", size[1])
    assert made.width == sizes.larger[0]
    little = await prepare(io.BytesIO(drawn("lime", "PNG", (30, 20))), Crop(), sizes)
    with shown(little.larger) as picture:
        assert picture.size == (30, 20), "nothing is blown up"


async def test_what_is_see_through_stays_so() -> None:
    for kind in ("PNG", "WEBP", "GIF"):
        image, data = Image.new("RGBA", (8, 8), (0, 0, 0, 0)), io.BytesIO()
        image.save(data, kind)
        with shown(await anew(data.getvalue(), kind)) as picture:
            assert colour_at(picture.convert("RGBA"), (4, 4))[3] == 0


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "lime", "blue")]
    data = io.BytesIO()
    frames[0].save(data, kind, save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0)
    return data.getvalue()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
async def test_an_animation_goes_on_moving(kind: str) -> None:
    with shown(await anew(moving(kind), kind)) as picture:
        seen = [
            (colour_at(frame.convert("RGB"), (5, 5)), frame.info["duration"])
            for frame in ImageSequence.Iterator(picture)
        ]

    assert [tuple(round(part / 255) for part in colour) for colour, _ in seen] == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    assert [duration for _, duration in seen] == [100, 200, 300]


@pytest.mark.parametrize(("most", "taken"), [(3600, True), (3599, False)])
async def test_the_frames_of_an_animation_count_together(
    most: int, taken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", most)
    with nullcontext() if taken else pytest.raises(Invalid):
        await anew(moving("GIF"), "GIF")


def gif_of_frames(n: int, size: tuple[int, int] = (1, 1)) -> bytes:
    """A GIF that says that its frames are so large."""
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, *size, 0) + b"\x02\x02\x44\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff" + frame * n + b"\x3b"


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("PNG", png_of_size(100_000, 100_000)),
        ("PNG", drawn("white", size=(7_000, 7_000), mode="1")),
        ("PNG", png_of_size(8, 6, png_chunk(b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 100_000_000)))),
        ("GIF", gif_of_frames(1, (65_535, 65_535))),
        ("GIF", gif_of_frames(1)[:-1] + gif_of_frames(1, (9_000, 9_000))[19:]),
        ("GIF", gif_of_frames(MOST_FRAMES + 1)),
        ("JPEG", drawn(kind="JPEG", size=(800, 600))[:700]),
        ("JPEG", b"\xff\xd8\xff" + b"\0" * 100),
        ("PNG", drawn(size=(800, 600))[:100]),
        ("GIF", b"GIF89a"),
        ("WEBP", drawn(kind="WEBP", size=(800, 600))[:60]),
        ("PNG", drawn(kind="JPEG")),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
async def test_what_is_made_to_do_harm_or_is_no_whole_picture_is_refused(kind: str, content: bytes) -> None:
    with pytest.raises(Invalid):
        await anew(content, kind)
