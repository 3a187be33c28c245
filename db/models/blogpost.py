"""Blog posts of projects."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, Flag, JsonObject, Line, LongText, Moment, Name255
from db.checks import NOT_EMPTY


class Blogpost(Base):
    """News from a project to its volunteers."""

    __tablename__ = "blogpost"
    __table_args__ = (
        Index("ix_blogpost_project_id_id", "project_id", "id"),
        Index("ix_blogpost_user_id", "user_id"),
        # Counted without a look at the posts.
        Index("ix_blogpost_project_id_created_id", "project_id", "created", "id", postgresql_include=["published"]),
    )

    id: Mapped[BigId]
    created: Mapped[Moment]
    updated: Mapped[Moment]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    title: Mapped[Name255] = mapped_column(info=NOT_EMPTY)
    body: Mapped[LongText]
    info: Mapped[JsonObject]
    media_url: Mapped[Line | None]
    published: Mapped[Flag]
