"""JSON in and out: every number keeps its digits, however many."""

import json as standard
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import json

INTEGERS = st.integers(-(10**40), 10**40).map(str)
DECIMALS = st.from_regex(r"-?(0|[1-9][0-9]{0,25})\.[0-9]{1,25}", fullmatch=True)


def exactly(text: bytes | str) -> object:
    return standard.loads(text, parse_int=Decimal, parse_float=Decimal)


@given(st.lists(INTEGERS | DECIMALS))
def test_numbers_come_out_as_they_came_in(numbers: list[str]) -> None:
    text = '{"numbers": [' + ",".join(numbers) + "]}"
    assert exactly(json.dumps(json.loads(text))) == exactly(text)


@given(st.integers(-(10**40), 10**40))
def test_integers_of_any_size_still_count(number: int) -> None:
    assert json.loads(str(number)) + 1 == number + 1


@pytest.mark.parametrize("text", ["NaN", "[12345678901234567890, NaN]", '["12345678901234567890", "\\ud800"]', "1e999"])
def test_what_is_no_json_is_refused_beside_large_numbers_too(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


def test_what_is_nested_without_end_is_refused_beside_large_numbers_too() -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads("[" * 1020 + "12345678901234567890" + "]" * 1020)
