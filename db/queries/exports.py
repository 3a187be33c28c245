"""All rows of one kind of a project, for export: page by page, so that no connection is held between two."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Result, Task, TaskRun

MODELS: dict[str, type[Task | TaskRun | Result]] = {"task": Task, "task_run": TaskRun, "result": Result}
INTERNAL = frozenset({"info_hash", "contributor", "counted", "idempotency_key"})
"""Columns that are this program's own, and no part of the data."""


async def rows_after(session: AsyncSession, kind: str, project_id: int, after: int, limit: int) -> list[dict[str, Any]]:
    """The next rows after that id, in order of their ids. Of results the last versions only."""
    model = MODELS[kind]
    columns = [column for column in model.__table__.columns if column.key not in INTERNAL]
    wanted: Sequence[ColumnElement[bool]] = (model.project_id == project_id, model.id > after)
    statement = select(*columns).where(*wanted).order_by(model.id).limit(limit)
    if model is Result:
        statement = statement.where(Result.last_version)
    return [dict(row) for row in (await session.execute(statement)).mappings()]
