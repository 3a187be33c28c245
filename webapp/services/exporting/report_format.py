"""The project report: one CSV with the project's figures, and a row for each of its users (docs/contract/jobs.md 7)."""

from collections.abc import Callable, Iterator
from typing import Any

from db import json
from webapp.services.exporting.archive import Rows, StreamedZip
from webapp.services.exporting.csv_format import write_lines
from webapp.services.exporting.flattening import harmless

OF_PROJECT = {
    "id": "Id",
    "name": "Name",
    "short_name": "Short Name",
    "n_tasks": "Total Tasks",
    "first": "First Task Submission",
    "last": "Last Task Submission",
    "minutes": "Average Time Spend Per Task",
    "redundancy": "Task Redundancy",
}
"""Names as PYBOSSA has them; times are in minutes."""
OF_USER = {
    "id": "Id",
    "name": "Name",
    "fullname": "Fullname",
    "n_runs": "Total Tasks Completed",
    "percent": "Percent Tasks Completed",
    "first": "First Task Submission",
    "last": "Last Task Submission",
    "minutes": "Average Time Per Task",
}


async def write(archive: StreamedZip, stem: str, kind: str, rows: Rows, *, raw: bool) -> None:
    """Write `<stem>.csv`. Unless `raw`, no cell is a formula to a spreadsheet."""
    with archive.file(f"{stem}.csv") as file:
        table = _Tables(str if raw else harmless)
        await rows(lambda block: write_lines(table.lines(json.loads_lines(block)), file.write))
        if not table.has_users:
            write_lines([["No user data"]], file.write)


class _Tables:
    """The first row is the project's; all others are users'."""

    def __init__(self, as_text: Callable[[str], str]) -> None:
        self._as_text = as_text
        self._has_project = False
        self.has_users = False

    def lines(self, rows: list[dict[str, Any]]) -> Iterator[list[Any]]:
        for row in rows:
            if not self._has_project:
                self._has_project = True
                yield ["Project Statistics"]
                yield list(OF_PROJECT.values())
                yield self._cells(row, OF_PROJECT)
                yield []
                continue
            if not self.has_users:
                self.has_users = True
                yield list(OF_USER.values())
            yield self._cells(row, OF_USER)

    def _cells(self, row: dict[str, Any], names: dict[str, str]) -> list[Any]:
        return [self._as_text(value) if isinstance(value := row[name], str) else value for name in names]
