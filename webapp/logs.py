"""What a line of the log looks like, in every process: `key=value` for people and grep, or JSON for a collector.

A line says when, how grave, who says it and what; then the fields that it came with; then what it was done for: the
request's or the job's id. Nothing in it spans lines but the trace of a failure.
"""

import json
import logging
import re
import time
from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Literal

LogFormat = Literal["text", "json"]
Origin = tuple[str, str]
"""What something is done for: the name and the value of a field, `("request_id", "6f1c…")`."""

ORIGIN: ContextVar[Origin | None] = ContextVar("origin", default=None)
NUMBERS = (int, float)
PLAIN = re.compile(r"[!#-<>-~]+")
"""What needs no quotes: printable ASCII without spaces, quotes and equals signs."""


class Formatter(logging.Formatter):
    """Lines of the same fields in the same order, in one of two ways of writing them."""

    def __init__(self, kind: LogFormat) -> None:
        super().__init__()
        self._write = _as_json if kind == "json" else _as_text
        self._second, self._date = -1, ""

    def format(self, record: logging.LogRecord) -> str:
        """The line; a failure's trace follows it, or is one of the fields of JSON."""
        fields: dict[str, Any] = {
            "time": self._time(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "msg": record.getMessage(),
        }
        if (more := getattr(record, "fields", None)) is not None:
            fields.update(more)
        if (origin := ORIGIN.get()) is not None:
            fields[origin[0]] = origin[1]
        trace = self.formatException(record.exc_info) if record.exc_info else None
        return self._write(fields, trace)

    def _time(self, created: float) -> str:
        """The moment in UTC; the part that is the same for a whole second is written once."""
        second = int(created)
        if second != self._second:
            self._second, self._date = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._date}.{int(created % 1 * 1000):03d}Z"


def _as_text(fields: Mapping[str, Any], trace: str | None) -> str:
    line = " ".join([f"{name}={value if type(value) in NUMBERS else _quoted(value)}" for name, value in fields.items()])
    return line if trace is None else f"{line}\n{trace}"


@lru_cache(maxsize=1024)
def _quoted(value: Any) -> str:
    """The value, in quotes and escaped where it is more than one word: what a stranger sent ends no line."""
    text = str(value)
    return text if PLAIN.fullmatch(text) else json.dumps(text)


def _as_json(fields: Mapping[str, Any], trace: str | None) -> str:
    return json.dumps(fields if trace is None else {**fields, "trace": trace}, default=str)


def configure(level: str, kind: LogFormat) -> None:
    """Have this process write its log to the standard error."""
    # No line names its thread or process: a record need not find them out.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.logAsyncioTasks = False  # type: ignore[attr-defined]  # looked at since Python 3.12
    handler = logging.StreamHandler()
    handler.setFormatter(Formatter(kind))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
