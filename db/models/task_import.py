"""Imports of tasks, and how far they are."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import MIB, Base, BigId, BoundedJson, Counted, JsonObject, LongText, Moment, Word
from db.checks import one_of

QUEUED = "queued"
RUNNING = "running"
DONE = "done"
FAILED = "failed"


class TaskImport(Base):
    """One import: where its rows come from, how many were read, and what became of them."""

    __tablename__ = "task_import"
    __table_args__ = (Index("ix_task_import_project_id_id", "project_id", "id"),)

    id: Mapped[BigId]
    created: Mapped[Moment]
    started: Mapped[datetime | None]
    finished: Mapped[datetime | None]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    source: Mapped[Word]
    """The importer's name: `csv`, `localCSV`, …"""
    options: Mapped[JsonObject]
    """What the importer needs: an address, or where the upload is kept."""
    state: Mapped[Word] = mapped_column(server_default=QUEUED, info=one_of(QUEUED, RUNNING, DONE, FAILED))
    n_total: Mapped[int | None]
    """How many rows there are; None while unknown."""
    n_read: Mapped[Counted]
    n_added: Mapped[Counted]
    n_present: Mapped[Counted]
    """Rows whose task was already there."""
    n_refused: Mapped[Counted]
    n_empty: Mapped[Counted]
    refusals: Mapped[list[dict[str, object]]] = mapped_column(BoundedJson(MIB), server_default=text("'[]'::jsonb"))
    """The first refused rows, as `{line, reason}`."""
    notes: Mapped[list[str]] = mapped_column(BoundedJson(MIB), server_default=text("'[]'::jsonb"))
    """How the file was read, where that was guessed."""
    error: Mapped[LongText | None]
    """Why nothing was imported."""
