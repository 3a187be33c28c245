"""Drawing tasks: which task a contributor is given next, and the slot that they lease of it (docs/architecture.md 6).

A contributor's list is the project's open tasks (a free slot, no answer of theirs) and the one that they have leased by
drawing, in the order asked for. The first of the list, at offset 0, is *leased*, and another one leased before is let
go of; whatever else is returned is *offered*. The database's function `workbee_draw` does it in one call; every
statement of it sees the locks and counts of its own start, and `task_slots` refuses to go beyond a task's slots.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from db import json
from db.calls import function
from db.executors import Executor
from db.orders import BREADTH, ORDERS


@dataclass(frozen=True, slots=True)
class Draw:
    """What is asked for: whose list of which project, in which order, and which part of it."""

    project_id: int
    version: int
    """That of the project as it was read."""
    contributor: str
    order: str | None
    """The name of an indexed order (`db.orders`); None where tasks are to be sorted by `sort`."""
    sort: str
    """SQL, made by `ordering` and never by a caller's text."""
    any_state: bool = False
    leases: bool = True
    """Whether a slot of the first task is leased."""
    limit: int = 1
    offset: int = 0
    lease_seconds: int = 3600


@dataclass(frozen=True, slots=True)
class DrawnTask:
    """A task as it is handed out: the columns that clients of `newtask` see."""

    id: int
    created: datetime
    project_id: int
    state: str
    quorum: int
    calibration: int
    priority_0: float
    info: Any
    n_answers: int
    fav_user_ids: list[int] | None


_INFO = [field.name for field in fields(DrawnTask)].index("info")


@dataclass(frozen=True, slots=True)
class Ordering:
    """An order as `Draw` takes it."""

    order: str | None
    sort: str


SORTABLE = {
    "id": "s.task_id",
    "priority_0": "s.priority_0",
    "created": "s.created",
    "project_id": "t.project_id",
    "state": "t.state",
    "quorum": "t.quorum",
    "calibration": "t.calibration",
    "info": "t.info",
    "n_answers": "s.n_answers",
    "fav_user_ids": "coalesce(cardinality(t.fav_user_ids), 0)",
}
"""What tasks may be ordered by: SQL over `s` (task_slots) and `t` (task)."""
RANDOM_ORDER = Ordering(None, "random()")
_INDEXED = {tuple((key.column, key.descending) for key in order.keys): order.name for order in ORDERS}


def ordering(column: str, *, descending: bool, fewest_runs_first: bool = False) -> Ordering:
    """The order by a task's column, ties broken by id; by an index where there is one for it, otherwise by sorting the
    project's open tasks at each draw. Raises KeyError for what is no column."""
    keys = [(BREADTH.column, f"s.{BREADTH.column}", False)] if fewest_runs_first else []
    keys.append((column, SORTABLE[column], descending))
    if column != "id":
        keys.append(("id", SORTABLE["id"], False))
    sort = ", ".join(f"{expression} DESC" if is_descending else expression for _, expression, is_descending in keys)
    *before_id, last = [(name, is_descending) for name, _expression, is_descending in keys]
    return Ordering(_INDEXED.get(tuple(before_id)) if last == ("id", False) else None, sort)


_DRAW = function("workbee_draw", Draw)
MOST_BATCHED = 20
"""How deep into a list a draw may go that is made together with others: one that takes long would keep them waiting."""


async def draw(executor: Executor, query: Draw) -> list[DrawnTask]:
    """The part of the contributor's list that is asked for; its first task is leased if `query.leases` and the part
    begins at 0.

    Raises StaleVersion if the project has changed since it was read, TransientError if the contributor's own requests
    crossed: the draw may be tried again.
    """
    if query.limit == 0:
        return []
    # Lists of tasks in any state are sorted at each draw, whatever their order.
    is_flat = query.order is not None and not query.any_state
    is_quick = is_flat and query.limit + query.offset <= MOST_BATCHED
    rows = await executor.call(_DRAW, *_DRAW.values(query), group=query.project_id if is_quick else None)
    return [_task(row) for row in rows]


def _task(row: Any) -> DrawnTask:
    values = list(row)
    if (info := values[_INFO]) is not None:
        values[_INFO] = json.loads(info)
    return DrawnTask(*values)
