"""The texts of projects, as they are searched."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BoundedText

SEARCHED = 100_000
"""Characters of a project."""


class ProjectSearch(Base):
    """What of a project is searched by words; triggers of `project` keep it."""

    __tablename__ = "project_search"
    __table_args__ = (
        Index("ix_project_search_words", "words", postgresql_using="gin", postgresql_ops={"words": "gin_trgm_ops"}),
    )

    project_id: Mapped[int] = mapped_column(
        ForeignKey("project.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    words: Mapped[str] = mapped_column(BoundedText(SEARCHED))
    """Names and descriptions, in small letters without accents (`workbee_folded`)."""
