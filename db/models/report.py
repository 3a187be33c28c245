"""What visitors report to the administrators."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, Contributor, Key, LongText, Moment, Word
from db.checks import one_of


class Report(Base):
    """One report of a project, a post of its blog, or an account. It refers to nothing, so that it outlives all."""

    __tablename__ = "report"
    __table_args__ = (
        # One of each reporter at a time.
        Index(
            "uq_report_open",
            "subject",
            "subject_id",
            "reporter",
            unique=True,
            postgresql_where=text("closed IS NULL"),
        ),
        Index("ix_report_open", "id", postgresql_where=text("closed IS NULL")),
        Index("ix_report_reporter_created", "reporter", "created"),
    )

    id: Mapped[BigId]
    created: Mapped[Moment]
    subject: Mapped[Word] = mapped_column(info=one_of("project", "blogpost", "user"))
    subject_id: Mapped[int]
    subject_name: Mapped[Key]
    """As it was then."""
    path: Mapped[Key]
    """Where it is seen."""
    reporter: Mapped[Contributor]
    """The account, or the (anonymised) address."""
    reason: Mapped[Word] = mapped_column(info=one_of("spam", "offensive", "private", "misleading", "other"))
    text: Mapped[LongText]
    closed: Mapped[datetime | None]
