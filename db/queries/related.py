"""What belongs to tasks, runs and results, fetched for a whole list at once (`related` of 02-api section 1.3)."""

from collections import defaultdict
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models import Result, Task, TaskRun

HIDDEN = frozenset({"info_hash", "contributor", "idempotency_key"})
Rows = dict[int, dict[str, Any]]


def _plain(row: Any) -> dict[str, Any]:
    names = [one.key for one in inspect(type(row)).column_attrs if one.key not in HIDDEN]
    return {name: getattr(row, name) for name in names}


async def _tasks(session: AsyncSession, ids: list[int]) -> Rows:
    rows = (await session.execute(select(Task).where(Task.id.in_(ids)))).scalars()
    return {row.id: _plain(row) for row in rows}


async def _runs(session: AsyncSession, ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in (await session.execute(select(TaskRun).where(TaskRun.task_id.in_(ids)).order_by(TaskRun.id))).scalars():
        found[row.task_id].append(_plain(row))
    return found


async def _results(session: AsyncSession, ids: list[int]) -> Rows:
    rows = (await session.execute(select(Result).where(Result.task_id.in_(ids), Result.last_version))).scalars()
    return {row.task_id: _plain(row) for row in rows}


async def of_tasks(session: AsyncSession, task_ids: list[int]) -> Rows:
    """`task_runs` and the current `result` (or None) of each task."""
    runs, results = await _runs(session, task_ids), await _results(session, task_ids)
    return {number: {"task_runs": runs.get(number, []), "result": results.get(number)} for number in task_ids}


async def of_runs(session: AsyncSession, task_ids: list[int]) -> Rows:
    """`task` and its current `result`, by the task's id."""
    tasks, results = await _tasks(session, task_ids), await _results(session, task_ids)
    return {number: {"task": tasks.get(number), "result": results.get(number)} for number in task_ids}


async def of_results(session: AsyncSession, task_ids: list[int]) -> Rows:
    """`task` and its `task_runs`, by the task's id."""
    tasks, runs = await _tasks(session, task_ids), await _runs(session, task_ids)
    return {number: {"task": tasks.get(number), "task_runs": runs.get(number, [])} for number in task_ids}
