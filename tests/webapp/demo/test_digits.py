"""The digits are all there, and their pictures show them."""

import base64
import io
from collections import Counter

from PIL import Image

from webapp.demo.digits import INK_MAX, PICTURE_SIDE, SIDE, Digit, digit_data_uri, digit_png, grey, load_digits

TEST_SET = {0: 178, 1: 182, 2: 177, 3: 183, 4: 181, 5: 182, 6: 181, 7: 179, 8: 174, 9: 180}
"""How often each digit occurs, as the data set's description says."""


def test_every_digit_of_the_test_set_is_there() -> None:
    digits = load_digits()

    assert [digit.sample for digit in digits] == list(range(1, 1798))
    assert Counter(digit.label for digit in digits) == TEST_SET
    assert all(len(digit.ink) == SIDE * SIDE and max(digit.ink) <= INK_MAX for digit in digits)
    assert len({digit.ink for digit in digits}) == 1797


def test_the_first_digit_is_the_original_one() -> None:
    first = load_digits()[0]

    assert first.label == 0
    assert first.ink[:8] == (0, 0, 5, 13, 9, 1, 0, 0)
    assert first.ink[-8:] == (0, 0, 6, 13, 10, 0, 0, 0)


def test_a_picture_shows_every_square_with_its_own_grey_and_sharp_edges() -> None:
    ink = tuple(range(INK_MAX + 1)) + (0,) * (SIDE * SIDE - INK_MAX - 1)
    image = Image.open(io.BytesIO(digit_png(Digit(sample=1, label=0, ink=ink)))).convert("L")
    square = PICTURE_SIDE // SIDE

    assert image.size == (PICTURE_SIDE, PICTURE_SIDE)
    for place, amount in enumerate(ink):
        left, top = place % SIDE * square, place // SIDE * square
        part = image.crop((left, top, left + square, top + square))
        assert part.getextrema() == (grey(amount), grey(amount))


def test_all_pictures_are_small_distinct_and_real() -> None:
    pictures = [digit_data_uri(digit) for digit in load_digits()]

    assert len(set(pictures)) == 1797
    assert max(map(len, pictures)) < 1000
    for picture in pictures[::100]:
        kind, _, data = picture.partition(",")
        assert kind == "data:image/png;base64"
        Image.open(io.BytesIO(base64.b64decode(data, validate=True))).verify()
