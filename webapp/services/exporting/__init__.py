"""Export: all tasks, answers or results of a project as a zip, made while it is sent, in bounded memory
(docs/contract/jobs.md 7)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from db.queries.reading import exports
from db.session import Database
from webapp.errors import NotFound, UnsupportedMedia
from webapp.integrations.filenames import in_ascii
from webapp.services.exporting import csv_format, json_format
from webapp.services.exporting.archive import Page, Rows

KINDS = tuple(exports.MODELS)


class Format(Protocol):
    """How rows are written down: one module a format."""

    def archive(self, stem: str, kind: str, rows: Rows, *, raw: bool) -> AsyncIterator[bytes]:
        """The bytes of the zip, as they come to be. Unless `raw`, no cell is a formula to a spreadsheet."""
        ...


FORMATS: dict[str, Format] = {"json": json_format, "csv": csv_format}


@dataclass(frozen=True)
class Export:
    """A zip that is about to be made."""

    filename: str
    content: AsyncIterator[bytes]


def export(
    database: Database, project_id: int, short_name: str, kind: str, format_name: str, *, raw: bool = False
) -> Export:
    """All rows of this kind in this format. Raises UnsupportedMedia or NotFound for those that there are not.

    Whoever calls has decided that the caller may have them.
    """
    if format_name not in FORMATS:
        raise UnsupportedMedia
    if kind not in KINDS:
        raise NotFound
    content = FORMATS[format_name].archive(
        f"{in_ascii(short_name)}_{kind}", kind, partial(pages, database, kind, project_id), raw=raw
    )
    return Export(f"{project_id}_{short_name}_{kind}_{format_name}.zip", content)


async def pages(database: Database, kind: str, project_id: int) -> AsyncIterator[Page]:
    """The rows, some at a time, each lot in a unit of work of its own: a slow reader keeps nobody waiting."""
    async with database.unit(read_only=True) as uow:
        upto, after = await exports.last_id(uow.session, kind, project_id), 0
    while True:
        async with database.unit(read_only=True) as uow:
            rows = await exports.rows_after(uow.session, kind, project_id, after, upto)
        if not rows:
            return
        yield rows
        after = rows[-1]["id"]
