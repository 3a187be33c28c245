"""Whatever text is written as JSON can be stored, and what could be stored anyhow is not touched."""

import json
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from webapp.api.well_formed import well_formed

TEXTS = st.text(st.characters(exclude_categories=()))
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
PLAIN = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(DOCUMENTS)
def test_any_text_becomes_one_that_the_database_holds(document: Any) -> None:
    mended = orjson.loads(well_formed(json.dumps(document).encode()))
    stored = json.dumps(mended, ensure_ascii=False)
    stored.encode()
    assert "\\u0000" not in json.dumps(mended) or r"\\u0000" in json.dumps(mended)


@given(PLAIN)
def test_what_can_be_stored_stays_byte_for_byte(text: str) -> None:
    for raw in (json.dumps(text).encode(), json.dumps(text, ensure_ascii=False).encode()):
        assert well_formed(raw) == raw


@given(st.binary(max_size=60))
def test_no_bytes_are_too_much(raw: bytes) -> None:
    well_formed(raw).decode()
