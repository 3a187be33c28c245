"""Who changed what in which project."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, Key, Line, LongText, Moment, Word
from db.checks import one_of


class Auditlog(Base):
    """One change of a project. It refers to nothing, so that it outlives the project and whoever changed it."""

    __tablename__ = "auditlog"
    __table_args__ = (
        Index("ix_auditlog_project_id_id", "project_id", "id"),
        Index("ix_auditlog_attribute_created", "attribute", "created"),
    )

    id: Mapped[BigId]
    project_id: Mapped[int]
    project_short_name: Mapped[Key]
    user_id: Mapped[int]
    user_name: Mapped[Line]
    created: Mapped[Moment]
    action: Mapped[Word]
    """`create`, `update` or `delete`."""
    caller: Mapped[Word] = mapped_column(info=one_of("web", "api"))
    attribute: Mapped[Line]
    old_value: Mapped[LongText | None]
    new_value: Mapped[LongText | None]
