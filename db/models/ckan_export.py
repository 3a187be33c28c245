"""Exports to a CKAN site, and how far they are."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, Counted, LongText, Moment, Word
from db.checks import one_of
from db.models.task_import import DONE, FAILED, QUEUED, RUNNING


class CkanExport(Base):
    """One export of all rows of one kind: how many there are, how many have been sent, and how it ended."""

    __tablename__ = "ckan_export"
    __table_args__ = (
        Index("ix_ckan_export_project_id_id", "project_id", "id"),
        Index("ix_ckan_export_user_id", "user_id"),
    )

    id: Mapped[BigId]
    created: Mapped[Moment]
    started: Mapped[datetime | None]
    finished: Mapped[datetime | None]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    """Whose key it goes by."""
    kind: Mapped[Word]
    """`task`, `task_run` or `result`."""
    state: Mapped[Word] = mapped_column(server_default=QUEUED, info=one_of(QUEUED, RUNNING, DONE, FAILED))
    n_total: Mapped[int | None]
    """How many rows there are; None while unknown."""
    n_sent: Mapped[Counted]
    error: Mapped[LongText | None]
    """Why it ended early."""
