"""Drawing tasks: which task a contributor is given next, and the slot that is held for them (design page, section 6).

A contributor's list is the project's open tasks (a free slot, no answer of theirs) and the one that they hold by
drawing, in the order asked for. The first of the list, at offset 0, is *held*, and another one held before is let go
of; whatever else is returned is *lent*. The database's function `workbee_draw` does it in one call; every statement of
it sees the locks and counts of its own start, and `task_slots` refuses to go beyond a task's slots.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from db import json
from db.batching import function
from db.direct import Caller


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: whose list of which project, in which order, and which part of it."""

    project_id: int
    version: str
    """That of the project as it was read."""
    contributor: str
    order: "Order"
    any_state: bool = False
    holds: bool = True
    """Whether a slot of the first task is held."""
    limit: int = 1
    offset: int = 0
    hold_seconds: int = 3600


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
class Order:
    """An SQL ordering over `s` (task_slots) and `t` (task): (expression, descending) each. Made by `ordering`, never
    by a caller's text."""

    keys: tuple[tuple[str, bool], ...]
    random: bool = False

    @property
    def sql(self) -> str:
        return ", ".join(f"{key} DESC" if descending else key for key, descending in self.keys)


INDEXED_ORDERS = {"id": "s.task_id", "priority_0": "s.priority_0", "created": "s.created"}
"""Orders that an index of `task_slots` serves: their cost does not grow with the project."""

OTHER_ORDERS = {
    "project_id": "t.project_id",
    "state": "t.state",
    "quorum": "t.quorum",
    "calibration": "t.calibration",
    "info": "t.info",
    "n_answers": "s.n_answers",
    "fav_user_ids": "coalesce(cardinality(t.fav_user_ids), 0)",
}
"""Orders that sort the project's open tasks at each draw."""

RANDOM_ORDER = Order((("random()", False),), random=True)


def ordering(column: str, *, descending: bool, fewest_runs_first: bool = False) -> Order:
    """The order by a task's column, ties broken by id. Raises KeyError for what is no column."""
    expression = INDEXED_ORDERS.get(column) or OTHER_ORDERS[column]
    keys = [("s.breadth", False)] if fewest_runs_first else []
    keys.append((expression, descending))
    if column != "id":
        keys.append(("s.task_id", False))
    return Order(tuple(keys))


_DRAW = function("workbee_draw", "bigint", "text", "text", "boolean", "boolean", "boolean", "int", "int", "int", "text")
FLAT_ORDERS = frozenset(
    ordering(column, descending=descending, fewest_runs_first=fewest).sql
    for column, descending, fewest in (
        ("id", False, False),
        ("priority_0", True, False),
        ("created", False, False),
        ("id", False, True),
        ("priority_0", True, True),
    )
)
"""Orders in which a draw costs the same however many tasks there are."""
MOST_TOGETHER = 20
"""How deep into a list a draw may go that is made together with others: one that takes long would keep them waiting."""


async def draw(caller: Caller, asked: Asked) -> list[DrawnTask]:
    """The asked part of the contributor's list; its first task is held if `asked.holds` and the part begins at 0.

    Raises Outdated if the project has changed since it was read, Busy if the contributor's own requests crossed: the
    draw may be tried again.
    """
    if asked.limit == 0:
        return []
    # Lists of tasks in any state are sorted at each draw, whatever their order.
    is_flat = asked.order.sql in FLAT_ORDERS and not asked.any_state
    is_quick = is_flat and asked.limit + asked.offset <= MOST_TOGETHER
    rows = await caller.call(
        _DRAW,
        asked.project_id,
        asked.contributor,
        asked.order.sql,
        asked.order.random,
        asked.any_state,
        asked.holds,
        asked.limit,
        asked.offset,
        asked.hold_seconds,
        asked.version,
        group=asked.project_id if is_quick else None,
    )
    return [_task(row) for row in rows]


def _task(row: Any) -> DrawnTask:
    values = list(row)
    if (info := values[_INFO]) is not None:
        values[_INFO] = json.loads(info)
    return DrawnTask(*values)
