"""How many answers of each task are still wanted: the narrow row that draws and submissions update."""

from typing import Any

from sqlalchemy import CheckConstraint, Computed, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import SOON_CLEAN, Base, Flag, Moment
from db.orders import ORDERS

OPEN = text("is_open")


def _indexed(column: str) -> Any:
    """A column of an index, or an expression."""
    return column if column.isidentifier() else text(column)


class TaskSlots(Base):
    """The slots of one task, made and removed with it by triggers; any other statement that tries is refused.

    That takes the place of a foreign key, whose check a row was a quarter of an import.

    A slot is leased by somebody who drew the task, or taken by a counted answer. Their sum never exceeds `ceiling`,
    which is `n_answers`, or what was already counted and leased when `n_answers` was lowered. Updates that leave the
    task open stay on its page (fillfactor), because no index has the columns they change.
    """

    __tablename__ = "task_slots"
    __table_args__ = (
        CheckConstraint("n_counted >= 0 AND n_leased >= 0 AND n_runs >= n_counted", name="counts_sane"),
        CheckConstraint("n_counted + n_leased <= ceiling", name="ceiling_kept"),
        CheckConstraint("ceiling >= n_answers", name="ceiling_high_enough"),
        *(Index(order.index_name, *map(_indexed, order.index_columns()), postgresql_where=OPEN) for order in ORDERS),
        {"postgresql_with": {"fillfactor": 80} | SOON_CLEAN},
    )

    task_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    project_id: Mapped[int]
    priority_0: Mapped[float] = mapped_column(server_default=text("0"))
    created: Mapped[Moment]
    n_answers: Mapped[int] = mapped_column(Integer)
    ceiling: Mapped[int] = mapped_column(Integer)
    n_counted: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    n_leased: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Assignments of the states `leased` and `reserved`."""
    n_runs: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Counted and surplus answers."""
    breadth: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """`n_runs` where the project hands out breadth first; elsewhere it is left as it is, so that an answer changes no
    index: everybody works at the first tasks, and a list that begins with the remains of old rows is slow to read."""
    is_open: Mapped[bool] = mapped_column(Computed("n_counted + n_leased < n_answers", persisted=True))
    """A slot is free."""
    completed: Mapped[Flag]
    """The task's state, kept here too so that a draw reads no other row."""
