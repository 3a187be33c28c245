"""Counts of a project, in several rows."""

from datetime import datetime

from sqlalchemy import ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Counted


class ProjectCounter(Base):
    """One shard of a project's counts; their sums are the truth (`db.queries.assignment.progress`).

    Submissions add to a shard of their own choice, so that parallel ones do not queue for one row. Shard 0 comes with
    the project; triggers keep in it `n_tasks`, `n_slots` and `n_results`, and take from it what is deleted, so that one
    shard alone may be negative. Whoever changes a task's state, or inserts runs, counts that.
    """

    __tablename__ = "project_counter"
    __table_args__ = ({"postgresql_with": {"fillfactor": 50}},)

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    shard: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    n_tasks: Mapped[Counted]
    n_slots: Mapped[Counted]
    """The answers wanted in all: the sum of the tasks' `n_answers`."""
    n_completed_tasks: Mapped[Counted]
    n_task_runs: Mapped[Counted]
    n_counted: Mapped[Counted]
    """Runs that are not surplus."""
    n_results: Mapped[Counted]
    """Results with an info."""
    n_volunteers: Mapped[Counted]
    """Accounts and anonymous volunteers; not the users of a project's own app (`external_uid`)."""
    n_anonymous: Mapped[Counted]
    """Those of the volunteers who have no account."""
    last_activity: Mapped[datetime | None]
    """When the last answer came."""
    ln_seconds: Mapped[float | None]
    """The project's pace: the natural logarithm of the seconds between drawing and answering, a moving average over
    the latest answers of this shard."""
    list_generation: Mapped[Counted]
    """How often something may have come into contributors' lists before their cursors: tasks added above others'
    priority, opened again or given another priority, runs removed. Triggers count it in shard 0."""
    n_insertions: Mapped[Counted]
    """How often tasks were added, in shard 0: where new ones come first, that too makes cursors void."""
    lowest_priority: Mapped[float | None]
    """The lowest priority that a task of the project has ever had, in shard 0: what is added above it may come before a
    contributor's cursor."""
    deadline_watermark: Mapped[datetime | None]
    """No slot of the project is past a deadline before this: a hint, kept by a job in shard 0
    (`db.queries.assignment.deadlines`)."""
