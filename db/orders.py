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
    """That of the column."""
    lowest: str
    """A literal that no task comes before; of a descending key, one of its negative."""
    descending: bool = False
    """Whether the highest comes first. What is sorted by is then the negative, of a `timestamptz` that of its seconds
    since 1970: it can stand beside keys that ascend in one comparison of rows."""
    moves: bool = False
    """Whether answers change it, upwards: a cursor keeps the value that it had. One key alone can, a whole number."""

    def of(self, row: str) -> str:
        """SQL: what tasks are sorted by, the smallest first, for a row of `task_slots` by this name."""
        return f"-{self._number(f'{row}.{self.column}')}" if self.descending else f"{row}.{self.column}"

    def indexed(self) -> str:
        """SQL: the same as a column of the index, or an expression."""
        return f"(- {self._number(self.column)})" if self.descending else self.column

    @property
    def variable_type(self) -> str:
        """SQL: the type of what tasks are sorted by."""
        return "double precision" if self.descending and self._is_moment else self.sql_type

    @property
    def _is_moment(self) -> bool:
        return self.sql_type == "timestamptz"

    def _number(self, column: str) -> str:
        # In UTC, as an index takes only what no setting of the session changes. Microseconds are exact until 2242.
        return f"date_part('epoch', ({column} AT TIME ZONE 'UTC'))" if self._is_moment else column


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
        return ("project_id", *(key.indexed() for key in self.keys), "task_id")


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
