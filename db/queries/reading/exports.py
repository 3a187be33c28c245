"""All rows of one kind of a project, for export: page by page, so that no connection is held between two."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, case, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Result, Task, TaskRun

MODELS: dict[str, type[Task | TaskRun | Result]] = {"task": Task, "task_run": TaskRun, "result": Result}
INTERNAL = frozenset({"info_hash", "contributor", "counted", "idempotency_key"})
"""Columns that are this program's own, and no part of the data."""
PAGE_ROWS = 1000
PAGE_BYTES = 8 * 1024 * 1024
COMPRESSED = 100
"""How many times larger compressed values may be than what is stored."""


async def last_id(session: AsyncSession, kind: str, project_id: int) -> int:
    """The id of the last row there is now, 0 without any: what comes later is in the next export."""
    model = MODELS[kind]
    statement = select(func.coalesce(func.max(model.id), 0)).where(model.project_id == project_id)
    return int((await session.execute(statement)).scalar_one())


async def rows_after(session: AsyncSession, kind: str, project_id: int, after: int, upto: int) -> list[dict[str, Any]]:
    """The next rows after the one id and up to the other, in their order; none at the end. Of results the last versions
    only. JSON columns are given as their text. As many rows as are small together, or one."""
    model = MODELS[kind]
    span: list[ColumnElement[bool]] = [model.project_id == project_id, model.id > after, model.id <= upto]
    if model is Result:
        span.append(Result.last_version.expression)
    last = (await session.execute(_end_of_page(model, span))).scalar_one()
    columns = [
        cast(column, Text).label(column.key) if isinstance(column.type, JSONB) else column
        for column in model.__table__.columns
        if column.key not in INTERNAL
    ]
    statement = select(*columns).where(*span, model.id <= last).order_by(model.id)
    return [dict(row) for row in (await session.execute(statement)).mappings()]


def _end_of_page(model: Any, span: list[ColumnElement[bool]]) -> Select[tuple[int]]:
    """The id of the page's last row, 0 without any, found without reading what is wide."""
    stored = func.coalesce(func.pg_column_size(model.info), 0)
    weight = case((func.pg_column_compression(model.info).is_(None), stored), else_=stored * COMPRESSED)
    rows = select(model.id, weight.label("weight")).where(*span).order_by(model.id).limit(PAGE_ROWS).subquery()
    before = func.sum(rows.c.weight).over(order_by=rows.c.id) - rows.c.weight
    sized = select(rows.c.id, before.label("before")).subquery()
    return select(func.coalesce(func.max(sized.c.id), 0)).where(sized.c.before < PAGE_BYTES)
