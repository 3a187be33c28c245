"""What a line of the log looks like, in every process: `key=value` for people and grep, or JSON for a collector.

A line says when, how grave, who says it and what; then the fields that it came with; then what it was done for: the
request's or the job's id. Nothing in it spans lines but the trace of a failure. Lines of which there may be thousands a
second are written together (`BufferedLines`).
"""

import asyncio
import json
import logging
import re
import sys
import time
from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Literal

LogFormat = Literal["text", "json"]
Origin = tuple[str, str]
"""What something is done for: the name and the value of a field, `("request_id", "6f1c…")`."""
Fields = Mapping[str, Any]
Entry = tuple[float, int, str, Fields]
"""When, how grave, what, and with which fields."""

ORIGIN: ContextVar[Origin | None] = ContextVar("origin", default=None)
NUMBERS = (int, float)
PER_UNIT_LOGGERS = ("workbee.request", "workbee.job")
"""Loggers that write a line for each request, and for each job."""
FLUSH_INTERVAL_S = 0.1
"""How long a line stays in the buffer: a process that is killed loses so much."""
PLAIN = re.compile(r"[!#-<>-~]+")
"""What needs no quotes: printable ASCII without spaces, quotes and equals signs."""


class Formatter(logging.Formatter):
    """Lines of the same fields in the same order, in one of two ways of writing them."""

    def __init__(self, kind: LogFormat) -> None:
        super().__init__()
        self._write = _as_json if kind == "json" else _as_text
        self._second, self._date = -1, ""

    def format(self, record: logging.LogRecord) -> str:
        """The line; a failure's trace follows it, or is one of the fields of JSON. A line each for `BufferedLines`."""
        name = record.name
        if (entries := getattr(record, "entries", None)) is not None:
            return "\n".join([self._line(at, level, name, message, more) for at, level, message, more in entries])
        more = dict(getattr(record, "fields", None) or {})
        if (origin := ORIGIN.get()) is not None:
            more[origin[0]] = origin[1]
        trace = self.formatException(record.exc_info) if record.exc_info else None
        return self._line(record.created, record.levelno, name, record.getMessage(), more, trace)

    def _line(
        self, created: float, level: int, name: str, message: str, fields: Fields, trace: str | None = None
    ) -> str:
        head = {
            "time": self._time(created),
            "level": logging.getLevelName(level).lower(),
            "logger": name,
            "msg": message,
        }
        return self._write({**head, **fields}, trace)

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


class BufferedLines:
    """A buffer for lines of one logger, which are written together, in one record: one record for each line would cost
    a fifth of what a draw costs."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._entries: list[Entry] = []
        self._flush_timer: asyncio.TimerHandle | None = None

    def add(self, level: int, message: str, fields: Fields) -> None:
        """Add a line. The caller has checked that the level is enabled."""
        self._entries.append((time.time(), level, message, fields))
        if self._flush_timer is None:
            self._flush_timer = asyncio.get_running_loop().call_later(FLUSH_INTERVAL_S, self.flush)

    def flush(self) -> None:
        """Write what is in the buffer."""
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        entries, self._entries = self._entries, []
        if entries:
            level = max(level for _, level, _, _ in entries)
            record = self._log.makeRecord(self._log.name, level, __file__, 0, "%d lines", (len(entries),), None)
            record.entries = entries
            self._log.handle(record)


def configure(level: str, kind: LogFormat, *, log_requests: bool | None = None) -> None:
    """Have this process write its log to the standard error. `log_requests`: whether it has a line for each request and
    job; None: unless it is written to a terminal, where a person would see nothing else."""
    if log_requests is None:
        log_requests = not sys.stderr.isatty()
    if not log_requests:
        for name in PER_UNIT_LOGGERS:
            logging.getLogger(name).setLevel(logging.WARNING)
    # No line names its thread or process: a record need not find them out.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.logAsyncioTasks = False  # type: ignore[attr-defined]  # looked at since Python 3.12
    handler = logging.StreamHandler()
    handler.setFormatter(Formatter(kind))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
