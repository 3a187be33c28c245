"""Who was given which task, and what came of it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import SOON_CLEAN, Base, Contributor, Moment, Word
from db.checks import one_of

LEASED = "leased"
RESERVED = "reserved"
OFFERED = "offered"
COUNTED = "counted"
SURPLUS = "surplus"


class Assignment(Base):
    """Permission of one contributor to answer one task.

    - `leased`: one slot is kept until the deadline, for the one task that somebody is at, or has drawn ahead;
    - `reserved`: likewise, several at once: for the task that our page shows while the next one is leased, and for
      those whose answers are on their way;
    - `offered`: may be answered, without a slot;
    - `counted`, `surplus`: answered, within and beyond the redundancy.

    It stays on record after its deadline, as permission to answer late.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "task_id"], ["task.project_id", "task.id"], ondelete="CASCADE"),
        CheckConstraint("(state IN ('leased', 'reserved')) = (deadline IS NOT NULL)", name="deadline_if_leased"),
        Index(
            "uq_assignment_one_lease",
            "project_id",
            "contributor",
            unique=True,
            postgresql_where=text("state = 'leased'"),
        ),
        Index(
            "ix_assignment_deadline",
            "project_id",
            "deadline",
            postgresql_where=text("state IN ('leased', 'reserved')"),
        ),
        Index("ix_assignment_reserved", "project_id", "contributor", postgresql_where=text("state = 'reserved'")),
        Index("ix_assignment_contributor", "contributor", "project_id", "task_id"),
        {"postgresql_with": {"fillfactor": 80} | SOON_CLEAN},
    )

    task_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    contributor: Mapped[Contributor] = mapped_column(primary_key=True)
    """`user:N`, `ext:PROJECT:UID`, `anon:COOKIE` or `ip:ADDRESS`."""
    project_id: Mapped[int]
    state: Mapped[Word] = mapped_column(info=one_of(LEASED, RESERVED, OFFERED, COUNTED, SURPLUS))
    requested_at: Mapped[Moment]
    """When it was asked for: the run's `created`, from which the time taken is computed."""
    deadline: Mapped[datetime | None]
