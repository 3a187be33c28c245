"""Announcements of the site."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, Flag, JsonObject, Line, LongText, Moment, Name255
from db.checks import NOT_EMPTY


class Announcement(Base):
    """News from the administrators to everybody. Whoever wrote one cannot be deleted before it is."""

    __tablename__ = "announcement"
    __table_args__ = (
        Index("ix_announcement_user_id", "user_id"),
        Index("ix_announcement_created_id", "created", "id", postgresql_include=["published"]),
    )

    id: Mapped[BigId]
    created: Mapped[Moment]
    updated: Mapped[Moment]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    title: Mapped[Name255] = mapped_column(info=NOT_EMPTY)
    body: Mapped[LongText]
    info: Mapped[JsonObject]
    media_url: Mapped[Line | None]
    published: Mapped[Flag]
