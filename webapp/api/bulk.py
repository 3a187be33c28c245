"""Many rows in one request: a JSON array or NDJSON, taken whole or not at all."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from db import json
from webapp.errors import RowsRefused, TooLarge, UnsupportedMedia, WorkbeeError
from webapp.http.json import parse_json
from webapp.http.page import RequestContext

LINE_TYPES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"})

MOST_VALUES = 2_000_000
"""How many values an array of rows may have in all."""


@dataclass
class Rows:
    """What was sent, row by row, and what is wrong with it."""

    objects: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    """Each with its index in what was sent, from 0."""
    refused: list[dict[str, Any]] = field(default_factory=list)
    n_rows: int = 0

    def add(self, read: Callable[[], Any]) -> None:
        """Take the next row, or note why it is none."""
        index, self.n_rows = self.n_rows, self.n_rows + 1
        try:
            row = read()
            if not isinstance(row, dict):
                raise UnsupportedMedia("a row must be a JSON object", kind="TypeError")
        except json.JSONDecodeError as error:
            self.refuse(index, UnsupportedMedia(f"the line is not valid JSON: {error}"))
        except WorkbeeError as error:
            self.refuse(index, error)
        else:
            self.objects.append((index, row))

    def refuse(self, index: int, error: WorkbeeError) -> None:
        kind = getattr(error, "kind", type(error).__name__)
        self.refused.append({"index": index, "exception_cls": kind, "reason": error.message[:300]})

    def check(self) -> None:
        """Raise RowsRefused if anything was refused."""
        if self.refused:
            raise RowsRefused(self.n_rows, sorted(self.refused, key=lambda one: one["index"]))


def are_lines(ctx: RequestContext) -> bool:
    """Whether the body is said to hold a row a line."""
    return (ctx.header("Content-Type") or "").partition(";")[0].strip().lower() in LINE_TYPES


def is_bulk(ctx: RequestContext) -> bool:
    """Whether the body holds rows: by its type, or by being a JSON array."""
    return are_lines(ctx) or ctx.body_parts.raw.lstrip()[:1] == b"["


def read_rows(raw: bytes, *, lines: bool, most: int) -> Rows:
    """The rows of a body. Raises UnsupportedMedia for an array that is none, TooLarge for more than `most` rows."""
    rows = Rows()
    for read in _lines(raw) if lines else _items(raw):
        if rows.n_rows == most:
            raise TooLarge(f"One request takes {most:,} rows: send more in several.")
        rows.add(read)
    return rows


def _lines(raw: bytes) -> Iterator[Callable[[], Any]]:
    """A row a line; blank ones are none."""
    return (partial(parse_json, line) for line in raw.split(b"\n") if line.strip())


def _items(raw: bytes) -> Iterator[Callable[[], Any]]:
    try:
        document = parse_json(raw, most_values=MOST_VALUES)
    except json.JSONDecodeError as error:
        raise UnsupportedMedia(f"The body is not valid JSON: {error}") from error
    return (partial(_as_it_is, item) for item in document)


def _as_it_is(item: Any) -> Any:
    return item
