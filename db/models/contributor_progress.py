"""How much each contributor has done in each project."""

from sqlalchemy import BigInteger, ForeignKey, Index, Integer
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Contributor, Counted, Moment, Word


class ContributorProgress(Base):
    """One contributor in one project."""

    __tablename__ = "contributor_progress"
    __table_args__ = (
        Index("ix_contributor_progress_user_id_last_at_project_id", "user_id", "last_at", "project_id"),
        {"postgresql_with": {"fillfactor": 80}},
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    contributor: Mapped[Contributor] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    n_runs: Mapped[Counted]
    first_at: Mapped[Moment]
    last_at: Mapped[Moment]
    cursor_order: Mapped[Word | None]
    """The order (`db.orders`) in whose list the cursor is."""
    cursor_task_id: Mapped[int | None]
    """A task: before it, nothing is left in the project that this contributor could be given, but for the gaps. Draws
    begin here."""
    cursor_breadth: Mapped[int | None] = mapped_column(Integer)
    """The task's `breadth` as it was then: it moves on while the cursor stays."""
    cursor_gaps: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    """Tasks before that, in order, whose slots are all leased by others: they come first if somebody lets go of one."""
    cursor_generation: Mapped[int | None]
    """The list's generation then (`workbee_generation`): the cursor is good while it is the same."""
    cursor_runs: Mapped[int | None]
    """`n_runs` as it was then, to tell when the cursor is to be moved on."""
