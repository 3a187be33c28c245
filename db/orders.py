"""The orders in which an index hands out a project's tasks: one table, from which all that knows of them follows.

From it come the indexes of `task_slots` (`db.models.task_slots`), the SQL functions that read by them
(`db.functions.ordered`) and what a draw may ask for (`db.queries.assignment.drawing`). To add an order:
docs/assignment.md.
"""

from dataclasses import dataclass
from typing import Literal

NewTasks = Literal["last", "by priority", "first"]


@dataclass(frozen=True, slots=True)
class SortKey:
    """A column of `task_slots` that an order sorts by, ahead of the task's id."""

    column: str
    sql_type: str
    lowest: str
    """A literal that no task comes before."""
    descending: bool = False
    moves: bool = False
    """Whether answers change it, upwards: a cursor keeps the value that it had. One key alone can, a whole number."""

    def of(self, row: str) -> str:
        """SQL: what tasks are sorted by, the smallest first, for a row of `task_slots` by this name."""
        return f"-{row}.{self.column}" if self.descending else f"{row}.{self.column}"

    @property
    def variable(self) -> str:
        """The variable of a function that holds the cursor's value."""
        return f"v_{self.column}"


@dataclass(frozen=True, slots=True)
class IndexedOrder:
    """An order in which a draw costs the same however many tasks there are."""

    name: str
    keys: tuple[SortKey, ...]
    new_tasks: NewTasks
    """Where tasks that are added come: after all others, before those of lower priority, or before some in any case.
    A cursor is void where tasks may have come before it."""

    @property
    def sort(self) -> str:
        """SQL: the order as a sort of rows of `task_slots s`."""
        keys = (f"s.{key.column} DESC" if key.descending else f"s.{key.column}" for key in self.keys)
        return ", ".join([*keys, "s.task_id"])

    @property
    def moves(self) -> bool:
        """Whether answers move tasks on in it."""
        return any(key.moves for key in self.keys)

    @property
    def index_name(self) -> str:
        return f"ix_task_slots_open_{self.name}"

    def index_columns(self) -> tuple[str, ...]:
        """The index's columns and expressions: the project, the keys, the task."""
        keys = (f"(- {key.column})" if key.descending else key.column for key in self.keys)
        return ("project_id", *keys, "task_id")


BREADTH = SortKey("breadth", "int", "0", moves=True)
PRIORITY = SortKey("priority_0", "double precision", "'-Infinity'", descending=True)
CREATED = SortKey("created", "timestamptz", "'-infinity'")

BY_ID = IndexedOrder("id", (), new_tasks="last")
ORDERS = (
    BY_ID,
    IndexedOrder("priority", (PRIORITY,), new_tasks="by priority"),
    IndexedOrder("created", (CREATED,), new_tasks="last"),
    IndexedOrder("breadth", (BREADTH,), new_tasks="first"),
    IndexedOrder("breadth_priority", (BREADTH, PRIORITY), new_tasks="first"),
)
