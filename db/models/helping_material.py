"""Helping materials of projects."""

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, JsonObject, Line, Moment


class HelpingMaterial(Base):
    """A picture, video or text that a presenter shows to explain the work."""

    __tablename__ = "helpingmaterial"
    __table_args__ = (Index("ix_helpingmaterial_project_id_id", "project_id", "id"),)

    id: Mapped[BigId]
    created: Mapped[Moment]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    info: Mapped[JsonObject]
    media_url: Mapped[Line | None]
    priority: Mapped[float] = mapped_column(server_default=text("0"))
