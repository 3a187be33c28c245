"""Announcements of the site."""

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, Flag, JsonObject, Line, LongText, Moment, Name255


class Announcement(Base):
    """News from the administrators to everybody. Whoever wrote one cannot be deleted before it is."""

    __tablename__ = "announcement"
    __table_args__ = (CheckConstraint("title <> ''", name="title_given"), Index("ix_announcement_user_id", "user_id"))

    id: Mapped[BigId]
    created: Mapped[Moment]
    updated: Mapped[Moment]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    title: Mapped[Name255]
    body: Mapped[LongText]
    info: Mapped[JsonObject]
    media_url: Mapped[Line | None]
    published: Mapped[Flag]
