"""Tasks in: read a CSV file in bounded memory, keep what is new, and tell exactly what became of every row."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any

from sqlalchemy.ext.asyncio import AsyncSession

from db.queries import task_staging
from webapp.i18n import gettext as _
from webapp.i18n import ngettext
from webapp.services.importing.reading import NewTask, Refused, Table, open_table

BATCH = 5000
MOST_REFUSALS = 100
DEFAULT_ANSWERS = 30
Progress = Callable[["Report"], Awaitable[None]]


@dataclass
class Report:
    """What became of the rows."""

    n_read: int = 0
    n_added: int = 0
    n_refused: int = 0
    n_staged: int = 0
    refusals: list[Refused] = field(default_factory=list)
    """The first of the refused rows."""

    @property
    def n_present(self) -> int:
        """Rows whose task was there already, or twice in the file."""
        return self.n_staged - self.n_added

    def message(self) -> str:
        """In words, as clients know it."""
        if not self.n_added:
            return _("It looks like there were no new records to import")
        return ngettext(
            "%(num)s new task was imported successfully",
            "%(num)s new tasks were imported successfully",
            self.n_added,
        )


async def import_tasks(
    session: AsyncSession, project_id: int, file: IO[bytes], progress: Progress | None = None
) -> Report:
    """Import every row of the file into the project, in the session's transaction: all of it or nothing.

    Raises Invalid for a file that is no CSV in UTF-8. Single bad rows are refused and reported.
    """
    table = open_table(file)
    report = Report()
    await task_staging.begin(session)
    rows = table.read()
    while batch := await asyncio.to_thread(_batch, rows):
        await task_staging.stage(session, _staged(batch, report))
        if progress is not None:
            await progress(report)
    report.n_added = await task_staging.move(session, project_id, n_answers=DEFAULT_ANSWERS)
    return report


def _batch(rows: Iterator[NewTask | Refused]) -> list[NewTask | Refused]:
    return list(islice(rows, BATCH))


def _staged(batch: list[NewTask | Refused], report: Report) -> list[tuple[Any, ...]]:
    report.n_read += len(batch)
    good = [row for row in batch if isinstance(row, NewTask)]
    bad = [row for row in batch if isinstance(row, Refused)]
    report.n_staged += len(good)
    report.n_refused += len(bad)
    report.refusals += bad[: MOST_REFUSALS - len(report.refusals)]
    return [(row.line, row.info, row.n_answers, row.priority_0, row.quorum, row.calibration) for row in good]


def has_more_rows_than(file: IO[bytes], limit: int) -> bool:
    """Whether the file has more rows than that; it is read as far as needed, and rewound."""
    table = open_table(file)
    more = len(list(islice(table.read(), limit + 1))) > limit
    rewind(file)
    return more


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file."""

    columns: list[str]
    rows: list[list[str]]


def preview(file: IO[bytes], n_rows: int = 5) -> Preview:
    """The header and the first rows. Raises Invalid."""
    table: Table = open_table(file)
    found = [row for row in islice(table.rows, n_rows) if row]
    rewind(file)
    return Preview(table.header, [row[: len(table.header)] for row in found])


def rewind(file: IO[bytes]) -> None:
    """Back to the beginning, whatever a reader has taken of it."""
    file.seek(0)
