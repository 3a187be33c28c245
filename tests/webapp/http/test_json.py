"""JSON is counted before it is read."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.errors import TooLarge, UnsupportedMedia
from webapp.http.json import parse_json

DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(',:[{"\\ab', max_size=8),
    lambda inside: st.lists(inside, max_size=5) | st.dictionaries(st.text(',:[{"\\ab', max_size=3), inside, max_size=5),
    max_leaves=40,
)


def n_signs(document: object) -> int:
    """The commas, colons and opening brackets that JSON has between its values."""
    if isinstance(document, dict):
        return 1 + len(document) + max(0, len(document) - 1) + sum(map(n_signs, document.values()))
    if isinstance(document, list):
        return 1 + max(0, len(document) - 1) + sum(map(n_signs, document))
    return 0


@given(document=DOCUMENTS, most=st.integers(1, 40))
def test_what_texts_hold_is_not_counted(document: object, most: int) -> None:
    raw = orjson.dumps(document)
    if len(raw) > most and n_signs(document) >= most:
        with pytest.raises(TooLarge):
            parse_json(raw, most_values=most)
    else:
        assert parse_json(raw, most_values=most) == document


def test_depth_has_an_end_wherever_json_is_read() -> None:
    assert parse_json(b"[" * 100 + b"]" * 100)
    with pytest.raises(UnsupportedMedia):
        parse_json(b"[" * 101 + b"]" * 101)
