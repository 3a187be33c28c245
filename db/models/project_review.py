"""Projects that wait for an administrator's look before they are published."""

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, LongText, Moment


class ProjectReview(Base):
    """The wish of an owner to publish a project: it waits, or was sent back with a word. Gone once it is published."""

    __tablename__ = "project_review"
    __table_args__ = (Index("ix_project_review_asked", "asked", postgresql_where=text("answer IS NULL")),)

    project_id: Mapped[int] = mapped_column(
        ForeignKey("project.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    asked: Mapped[Moment]
    answer: Mapped[LongText | None]
    """What the administrator said who sent it back."""
