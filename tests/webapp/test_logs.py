"""Lines of the log: one for each thing said, in fields, whatever strangers have sent."""

import json
import logging
import sys

import pytest

from webapp.logs import ORIGIN, Formatter, LogFormat


def line(kind: LogFormat, message: str, *, fields: dict[str, object] | None = None, failure: bool = False) -> str:
    record = logging.LogRecord("bees", logging.WARNING, __file__, 1, message, (), None)
    record.created = 1_800_000_000.25
    record.fields = fields
    if failure:
        try:
            raise ValueError("of no use")
        except ValueError:
            record.exc_info = sys.exc_info()
    return Formatter(kind).format(record)


def test_text_is_key_and_value() -> None:
    said = line("text", "away", fields={"status": 503, "ms": 1.5, "project": None})
    assert said == "time=2027-01-15T08:00:00.250Z level=warning logger=bees msg=away status=503 ms=1.5 project=None"


@pytest.mark.parametrize("sent", ["two words", "a\nlevel=error", 'say "so"', "a=b", "", "\x1b[31m", "\u2028"])
def test_text_of_strangers_is_one_quoted_value(sent: str) -> None:
    said = line("text", sent)
    assert said.splitlines() == [said]
    assert json.loads(said.partition(" msg=")[2]) == sent


def test_json_has_the_same_fields_and_the_trace() -> None:
    said = json.loads(line("json", "a\nb", fields={"status": 500}, failure=True))
    assert (said["msg"], said["status"], said["level"]) == ("a\nb", 500, "warning")
    assert said["trace"].endswith("ValueError: of no use")


def test_a_trace_follows_its_line() -> None:
    first, *more = line("text", "broken", failure=True).splitlines()
    assert first.endswith("msg=broken") and more[-1] == "ValueError: of no use"


def test_a_line_says_what_it_was_done_for() -> None:
    token = ORIGIN.set(("request_id", "0123456789abcdef"))
    try:
        assert line("text", "away").endswith(" request_id=0123456789abcdef")
    finally:
        ORIGIN.reset(token)
