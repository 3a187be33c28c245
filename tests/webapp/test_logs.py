"""Lines of the log: one for each thing said, in fields, whatever strangers have sent."""

import asyncio
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from webapp.logs import FLUSH_INTERVAL_S, ORIGIN, BufferedLines, Formatter, LogFormat, configure


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


async def test_buffered_lines_are_written_together(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("bees.many")
    log.setLevel(logging.DEBUG)
    lines = BufferedLines(log)
    lines.add(logging.DEBUG, "one", {"ms": 1.5})
    lines.add(logging.INFO, "a\nb", {"route": "/"})
    assert caplog.records == []
    await asyncio.sleep(2 * FLUSH_INTERVAL_S)
    [record] = caplog.records
    first, second = Formatter("text").format(record).splitlines()
    assert first.endswith(" level=debug logger=bees.many msg=one ms=1.5")
    assert second.endswith(' level=info logger=bees.many msg="a\\nb" route=/')
    lines.flush()
    assert caplog.records == [record]


async def test_a_buffered_line_keeps_its_own_request_id(caplog: pytest.LogCaptureFixture) -> None:
    """The line of one request, written while another is handled."""
    lines = BufferedLines(logging.getLogger("bees.other"))
    lines.add(logging.WARNING, "one", {"request_id": "1"})
    token = ORIGIN.set(("request_id", "2"))
    lines.flush()
    try:
        assert Formatter("text").format(caplog.records[0]).endswith(" request_id=1")
    finally:
        ORIGIN.reset(token)


@pytest.fixture
def request_log() -> Iterator[logging.Logger]:
    log = logging.getLogger("workbee.request")
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    yield log
    log.setLevel(logging.NOTSET)
    root.setLevel(before[0])
    root.handlers[:] = before[1]


@pytest.mark.parametrize(
    ("asked", "at_a_terminal", "said"),
    [(None, False, True), (None, True, False), (True, True, True), (False, False, False)],
)
def test_a_person_at_a_terminal_is_not_told_request_log_request(
    request_log: logging.Logger, monkeypatch: pytest.MonkeyPatch, asked: bool | None, at_a_terminal: bool, said: bool
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: at_a_terminal, raising=False)
    configure("info", "text", log_requests=asked)
    assert request_log.isEnabledFor(logging.INFO) is said
    assert request_log.isEnabledFor(logging.WARNING)
