"""Pages of projects."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, JsonObject, Line, Moment, Name255
from db.checks import NOT_EMPTY


class Page(Base):
    """A page of a project's own front-end, as data that it renders itself."""

    __tablename__ = "pages"
    __table_args__ = (Index("ix_pages_project_id_id", "project_id", "id"),)

    id: Mapped[BigId]
    created: Mapped[Moment]
    slug: Mapped[Name255] = mapped_column(info=NOT_EMPTY)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    info: Mapped[JsonObject]
    media_url: Mapped[Line | None]
