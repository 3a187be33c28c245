"""Import: read a CSV file in bounded memory, keep what is new, and tell exactly what became of every row."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any

from db.queries.importing import task_staging
from db.session import AsyncSession
from webapp.errors import Invalid
from webapp.i18n import format_number, ngettext
from webapp.i18n import gettext as _
from webapp.services.importing.columns import TASK_COLUMNS
from webapp.services.importing.json_records import JsonRecords
from webapp.services.importing.lines import Lines
from webapp.services.importing.reading import Table
from webapp.services.importing.records import RECORDS
from webapp.services.importing.rows import NewTask, Refused, Row, read_tasks

BATCH = 5000
BATCH_SIZE = 8 * 1024 * 1024
MOST_REFUSALS = 100
SHOWN_REFUSALS = 5
"""In a message; the record of an import has more."""
DEFAULT_ANSWERS = 30
JSON_KINDS = ("json", "localJSON")
LONGEST_SHOWN = 200
"""Of a cell, in a preview."""
Progress = Callable[["Report"], Awaitable[None]]


@dataclass
class Report:
    """What became of the rows."""

    n_read: int = 0
    n_added: int = 0
    n_refused: int = 0
    n_empty: int = 0
    n_staged: int = 0
    notes: list[str] = field(default_factory=list)
    """How the file was read, where that was guessed."""
    refusals: list[Refused] = field(default_factory=list)
    """The first of the refused rows."""

    @property
    def n_present(self) -> int:
        """Rows whose task was there already, or twice in the file."""
        return self.n_staged - self.n_added

    @property
    def status(self) -> str:
        """How to tell it: an error where nothing was taken because rows are wrong, a warning where some are."""
        if not self.n_refused:
            return "message"
        return "warning" if self.n_added or self.n_present else "error"

    def message(self) -> str:
        """In words: what was added, as clients know it, and all that was left out."""
        return " ".join([self._added(), *self._left_out(), *self.notes])

    def _added(self) -> str:
        if not self.n_added:
            return _("It looks like there were no new records to import") + ("." if self.n_read else "")
        added = ngettext(
            "%(num)s new task was imported successfully",
            "%(num)s new tasks were imported successfully",
            self.n_added,
        )
        return added + ("." if self.n_added < self.n_read or self.notes else "")

    def _left_out(self) -> Iterator[str]:
        if not self.n_read:
            yield _("The file has no rows below its header.")
        if n := self.n_present:
            n_shown = format_number(n)
            yield ngettext("%(n)s row is there already.", "%(n)s rows are there already.", n, n=n_shown)
        if n := self.n_empty:
            n_shown = format_number(n)
            yield ngettext("%(n)s empty row was left out.", "%(n)s empty rows were left out.", n, n=n_shown)
        if n := self.n_refused:
            told = ngettext("%(n)s line was left out:", "%(n)s lines were left out:", n, n=format_number(n))
            shown = self.refusals[:SHOWN_REFUSALS]
            reasons = [_("line %(line)s: %(why)s", line=one.line, why=one.reason) for one in shown]
            yield f"{told} {'; '.join(reasons)}{'; …' if n > SHOWN_REFUSALS else '.'}"


def open_rows(file: IO[bytes], kind: str) -> Table | Lines | JsonRecords:
    """The rows of a source of this kind. Raises Invalid."""
    if kind in JSON_KINDS:
        return JsonRecords(file)
    return Lines(file) if kind in RECORDS else Table(file)


async def import_tasks(session: AsyncSession, project_id: int, file: IO[bytes], kind: str) -> Report:
    """Import every row of the file into the project, in the session's transaction: all of it or nothing.

    Raises Invalid for a file that is no CSV in UTF-8. Single bad rows are refused and reported.
    """
    report = await stage(session, file, kind)
    await add_staged(session, project_id, report)
    return report


async def stage(session: AsyncSession, file: IO[bytes], kind: str, progress: Progress | None = None) -> Report:
    """Read the file and copy its rows beside the tasks; nobody is in anybody's way yet. Raises Invalid."""
    report = Report()
    table = await asyncio.to_thread(open_rows, file, kind)
    report.notes, rows = table.notes, read_tasks(table)
    await task_staging.begin(session)
    while batch := await asyncio.to_thread(_batch, rows):
        await task_staging.stage(session, _staged(batch, report))
        if progress is not None:
            await progress(report)
    return report


async def add_staged(session: AsyncSession, project_id: int, report: Report) -> None:
    """Make tasks of those that the project does not have yet."""
    report.n_added = await task_staging.move(session, project_id, n_answers=DEFAULT_ANSWERS)


def _batch(rows: Iterator[Row]) -> list[Row]:
    """Some rows, fewer of large ones."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row.info) if isinstance(row, NewTask) else 0
        if len(batch) == BATCH or size > BATCH_SIZE:
            break
    return batch


def _staged(batch: list[Row], report: Report) -> list[tuple[Any, ...]]:
    report.n_read += len(batch)
    good = [row for row in batch if isinstance(row, NewTask)]
    bad = [row for row in batch if isinstance(row, Refused)]
    report.n_staged += len(good)
    report.n_refused += len(bad)
    report.n_empty += len(batch) - len(good) - len(bad)
    report.refusals += bad[: MOST_REFUSALS - len(report.refusals)]
    return [(row.line, row.info, row.n_answers, row.priority_0, row.quorum, row.calibration) for row in good]


def has_more_rows_than(file: IO[bytes], kind: str, limit: int) -> bool:
    """Whether the file has more rows than that; it is read no further than needed. Raises Invalid."""
    return sum(1 for _row in islice(open_rows(file, kind).rows(), limit + 1)) > limit


def count_rows(file: IO[bytes], kind: str) -> int:
    """How many rows there are. Raises Invalid."""
    return sum(1 for _row in open_rows(file, kind).rows())


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file, and which of its columns are the task's own."""

    columns: list[str]
    own: list[str]
    rows: list[list[str]]
    notes: list[str]


def preview(file: IO[bytes], kind: str, n_rows: int = 5, *, is_whole: bool = True) -> Preview:
    """The header and the first rows; of a file that is not whole those before it was cut. Raises Invalid."""
    table = open_rows(file, kind)
    found: list[list[str]] = []
    try:
        for _line, fields in islice(table.rows(), n_rows):
            found.append(_shortened(fields[: len(table.header)]))
    except Invalid:
        if is_whole or not found:
            raise
    own = [name for name in table.header if name in TASK_COLUMNS and kind not in RECORDS]
    return Preview(table.header, own, found, table.notes)


def _shortened(cells: list[str]) -> list[str]:
    return [cell if len(cell) <= LONGEST_SHOWN else cell[:LONGEST_SHOWN] + "…" for cell in cells]
