"""What belongs to tasks, runs and results, fetched for a whole list at once (`related` of docs/contract/api.md 1.3)."""

from collections import defaultdict
from typing import Any

from sqlalchemy import Select, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.errors import ResultTooLarge
from db.models import Result, Task, TaskRun
from db.queries.reading.large_json import Allowance, fill, with_json

MOST_ROWS = 10_000
"""How many runs may come with the rows of one list."""
HIDDEN = frozenset({"info_hash", "contributor", "idempotency_key"})
Rows = dict[int, dict[str, Any]]


def _plain(row: Any) -> dict[str, Any]:
    names = [one.key for one in inspect(type(row)).column_attrs if one.key not in HIDDEN]
    return {name: getattr(row, name) for name in names}


async def _read(session: AsyncSession, model: Any, statement: Select[Any], allowance: Allowance) -> list[Any]:
    found = (await session.execute(with_json(statement, model.info).limit(MOST_ROWS + 1))).all()
    if len(found) > MOST_ROWS:
        raise ResultTooLarge
    try:
        await fill(session, model.info, [(row[0], row[1], row[2]) for row in found], allowance)
    except ResultTooLarge as error:
        raise ResultTooLarge from error  # how many of these were allowed tells nothing about their parents
    return [row[0] for row in found]


async def _tasks(session: AsyncSession, ids: list[int], allowance: Allowance) -> Rows:
    rows = await _read(session, Task, select(Task).where(Task.id.in_(ids)), allowance)
    return {row.id: _plain(row) for row in rows}


async def _runs(session: AsyncSession, ids: list[int], allowance: Allowance) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    statement = select(TaskRun).where(TaskRun.task_id.in_(ids)).order_by(TaskRun.id)
    for row in await _read(session, TaskRun, statement, allowance):
        found[row.task_id].append(_plain(row))
    return found


async def _results(session: AsyncSession, ids: list[int], allowance: Allowance) -> Rows:
    statement = select(Result).where(Result.task_id.in_(ids), Result.last_version)
    return {row.task_id: _plain(row) for row in await _read(session, Result, statement, allowance)}


async def of_tasks(session: AsyncSession, task_ids: list[int], allowance: Allowance) -> Rows:
    """`task_runs` and the current `result` (or None) of each task."""
    runs, results = await _runs(session, task_ids, allowance), await _results(session, task_ids, allowance)
    return {number: {"task_runs": runs.get(number, []), "result": results.get(number)} for number in task_ids}


async def of_runs(session: AsyncSession, task_ids: list[int], allowance: Allowance) -> Rows:
    """`task` and its current `result`, by the task's id."""
    tasks, results = await _tasks(session, task_ids, allowance), await _results(session, task_ids, allowance)
    return {number: {"task": tasks.get(number), "result": results.get(number)} for number in task_ids}


async def of_results(session: AsyncSession, task_ids: list[int], allowance: Allowance) -> Rows:
    """`task` and its `task_runs`, by the task's id."""
    tasks, runs = await _tasks(session, task_ids, allowance), await _runs(session, task_ids, allowance)
    return {number: {"task": tasks.get(number), "task_runs": runs.get(number, [])} for number in task_ids}
