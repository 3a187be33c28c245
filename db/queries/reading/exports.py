"""All rows of one kind of a project, for export: lines of JSON that PostgreSQL itself writes, from one snapshot."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any

from asyncpg import InterfaceError
from sqlalchemy import ARRAY, Boolean, Column, DateTime, Float, Integer, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from db.engine import MAY_TAKE_LONG
from db.errors import refused_by_closed
from db.models import Result, Task, TaskRun
from db.queries.reading import reports
from db.tally import count_statement

MODELS: dict[str, type[Task | TaskRun | Result]] = {"task": Task, "task_run": TaskRun, "result": Result}
INTERNAL = frozenset({"info_hash", "contributor", "counted", "idempotency_key"})
"""Columns that are this program's own, and no part of the data."""
COLUMNS = {
    kind: tuple(column.name for column in model.__table__.columns if column.name not in INTERNAL)
    for kind, model in MODELS.items()
}
"""What is exported of each kind, in this order."""
REPORT = "project"
"""The figures of a project and of its users, in place of rows."""
BLOCK_BYTES = 256 * 1024
"""Of lines that are handed over together, unless one line is longer."""

_TYPES = (
    (Boolean, "bool"),
    (Integer, "bigint"),
    (Float, "float"),
    (DateTime, "timestamp"),
    (JSONB, "json"),
    (ARRAY, "json"),
)
"""What PostgreSQL elsewhere takes for these columns; all others are text."""

Sink = Callable[[bytes], Awaitable[None]]


async def begin_snapshot(session: AsyncSession) -> None:
    """Have all that this transaction reads be of one moment, and take its time. Comes before anything else."""
    await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    await session.execute(MAY_TAKE_LONG)


async def copy_rows(
    session: AsyncSession, kind: str, project_id: int, sink: Sink, *, only: Collection[str] | None = None
) -> None:
    """Hand over every row in order of ids, as a JSON object on a line of its own, with all columns or `only` these; of
    results the last versions. `sink` gets whole lines, each with its end. Times are naive UTC, as in the API."""
    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection
    lines = _Lines(sink)
    count_statement()
    try:
        # JSON has none of these characters: the lines are what they are, and nothing in them is quoted.
        await driver.copy_from_query(
            _statement(kind, only), project_id, output=lines.add, format="csv", delimiter="\x02", quote="\x01"
        )
    except InterfaceError as error:
        if (away := refused_by_closed(driver, error)) is not None:
            raise away from error
        raise
    await lines.end()


def field_types(kind: str) -> list[tuple[str, str]]:
    """The columns of an export, each with the type that has room for what `copy_rows` says of it."""
    columns: Any = MODELS[kind].__table__.columns
    return [(name, _type_of(columns[name])) for name in COLUMNS[kind]]


def _type_of(column: Column[Any]) -> str:
    return next((name for kind, name in _TYPES if isinstance(column.type, kind)), "text")


def _statement(kind: str, only: Collection[str] | None) -> str:
    if kind == REPORT:
        return reports.STATEMENT
    table: Any = MODELS[kind].__table__
    shown = ", ".join(_shown(table.columns[name]) for name in COLUMNS[kind] if only is None or name in only)
    last = " AND last_version" if kind == "result" else ""
    rows = f"SELECT {shown} FROM {table.name} WHERE project_id = $1{last} ORDER BY id"
    return f"SELECT row_to_json(r) FROM ({rows}) r"


def _shown(column: Column[Any]) -> str:
    """The column as JSON shall have it: as Python's isoformat writes times, and as it writes whole floats."""
    name = column.name
    if isinstance(column.type, DateTime):
        return f"""replace(to_char({name}, 'YYYY-MM-DD"T"HH24:MI:SS.US'), '.000000', '') AS {name}"""
    if isinstance(column.type, Float):
        return (
            f"CASE WHEN {name} = trunc({name}) THEN to_json(round({name}::numeric, 1)) ELSE to_json({name}) END"
            f" AS {name}"
        )
    return str(name)


class _Lines:
    """Cuts what comes in any pieces into blocks of whole lines."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._block = bytearray()

    async def add(self, piece: bytes) -> None:
        before = len(self._block)
        self._block += piece
        if len(self._block) >= BLOCK_BYTES and (end := self._block.rfind(b"\n", before) + 1):
            block = bytes(self._block[:end])
            del self._block[:end]
            await self._sink(block)

    async def end(self) -> None:
        if self._block:
            await self._sink(bytes(self._block))
