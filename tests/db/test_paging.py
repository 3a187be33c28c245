"""Pages of a long list, counted from its nearer end."""

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import paging
from db.paging import Part, TooDeep, numbered_part


def rows(length: int, part: Part) -> list[int]:
    """The part of the list of so many numbers."""
    listed = list(range(length))[::-1] if part.backwards else list(range(length))
    return sorted(listed[part.offset : part.offset + part.limit])


@given(st.integers(0, 60), st.integers(1, 7), st.integers(1, 70))
def test_a_page_is_the_same_from_both_ends(length: int, per_page: int, number: int) -> None:
    if number <= max(1, ceil(length / per_page)):
        shown = list(range(length))[(number - 1) * per_page : number * per_page]
        assert rows(length, numbered_part(number, per_page, length)) == shown


def test_there_is_nothing_behind_the_last_page() -> None:
    assert rows(25, numbered_part(4, 10, 25)) == rows(0, numbered_part(1, 10, 0)) == []


def test_no_page_passes_over_more_rows_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those in the midst of a long list have to be gone to."""
    monkeypatch.setattr(paging, "DEEPEST", 30)
    for number in (1, 4, 7, 10):
        assert numbered_part(number, 10, 99).offset <= 30
    for number in (5, 6):
        with pytest.raises(TooDeep):
            numbered_part(number, 10, 99)
