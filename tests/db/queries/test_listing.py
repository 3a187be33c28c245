"""The span of time that the beginning of an ISO text stands for."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from db.queries.reading.listing import span_of

MOMENTS = st.datetimes(timezones=st.just(UTC), max_value=datetime(9998, 12, 31))  # noqa: DTZ001 - as it wants them


@given(MOMENTS, st.integers(0, 26))
@example(datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=UTC), 10)
@example(datetime(2026, 12, 31, tzinfo=UTC), 7)
def test_every_time_is_within_the_span_of_each_of_its_beginnings(moment: datetime, length: int) -> None:
    iso = moment.replace(tzinfo=None).isoformat(timespec="microseconds")
    span = span_of(iso[:length])
    assert (span is None) == (length < len("2026"))
    assert span is None or span[0] <= moment < span[1]


@pytest.mark.parametrize(
    ("prefix", "begin", "length"),
    [
        ("2024", datetime(2024, 1, 1, tzinfo=UTC), timedelta(days=366)),
        ("2026-1", datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=365)),
        ("2026-02", datetime(2026, 2, 1, tzinfo=UTC), timedelta(days=28)),
        ("2026-12-31", datetime(2026, 12, 31, tzinfo=UTC), timedelta(days=1)),
        ("2026-12-31T23:5", datetime(2026, 12, 31, 23, tzinfo=UTC), timedelta(hours=1)),
        ("2026-12-31T23:59:59.9", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), timedelta(seconds=1)),
    ],
)
def test_a_span_is_that_of_the_whole_fields(prefix: str, begin: datetime, length: timedelta) -> None:
    assert span_of(prefix) == (begin, begin + length)


@pytest.mark.parametrize("prefix", ["", "20", "%", "yesterday", "2026-13", "2026-02-30", "0000", "9999-12-31", "²026"])
def test_what_is_no_time_has_no_span(prefix: str) -> None:
    assert span_of(prefix) is None
