"""Calls of projects' webhooks."""

from sqlalchemy import ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, JsonTask, LongText, Moment


class Webhook(Base):
    """One call of a project's webhook, and what was answered."""

    __tablename__ = "webhook"
    __table_args__ = (Index("ix_webhook_project_id_id", "project_id", "id"),)

    id: Mapped[BigId]
    created: Mapped[Moment]
    updated: Mapped[Moment]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    payload: Mapped[JsonTask]
    response: Mapped[LongText | None]
    response_status_code: Mapped[int | None] = mapped_column(Integer)
    """None until it is called, and where it could not be reached."""
