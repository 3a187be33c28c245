"""Data out: all tasks, answers or results of a project as a zip, made while it is sent, in bounded memory (05-jobs
section 7)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol

from db.queries import exports
from db.session import Database
from webapp.errors import NotFound, UnsupportedMedia
from webapp.services.exporting import csv_format, json_format
from webapp.services.exporting.archive import Rows

PAGE = 1000
KINDS = tuple(exports.MODELS)


class Format(Protocol):
    """How rows are written down: one module a format."""

    def archive(self, stem: str, kind: str, rows: Rows) -> AsyncIterator[bytes]:
        """The bytes of the zip, as they come to be."""
        ...


FORMATS: dict[str, Format] = {"json": json_format, "csv": csv_format}


@dataclass(frozen=True)
class Export:
    """A zip that is about to be made."""

    filename: str
    content: AsyncIterator[bytes]


def export(database: Database, project_id: int, short_name: str, kind: str, format_name: str) -> Export:
    """All rows of this kind in this format. Raises UnsupportedMedia or NotFound for those that there are not.

    Whoever calls has decided that the caller may have them.
    """
    if format_name not in FORMATS:
        raise UnsupportedMedia
    if kind not in KINDS:
        raise NotFound
    plain_name = short_name.encode("ascii", "ignore").decode()
    content = FORMATS[format_name].archive(f"{plain_name}_{kind}", kind, pages(database, kind, project_id))
    return Export(f"{project_id}_{plain_name}_{kind}_{format_name}.zip", content)


async def pages(database: Database, kind: str, project_id: int) -> Rows:
    """The rows, some at a time, each lot in a unit of work of its own: a slow reader keeps nobody waiting."""
    after = 0
    while True:
        async with database.unit(read_only=True) as uow:
            rows: list[dict[str, Any]] = await exports.rows_after(uow.session, kind, project_id, after, PAGE)
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        after = rows[-1]["id"]
