"""Who changed what in which project."""

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from db.base import Base, BigId, Moment


class Auditlog(Base):
    """One change of a project. It refers to nothing, so that it outlives the project and whoever changed it."""

    __tablename__ = "auditlog"
    __table_args__ = (
        CheckConstraint("caller IN ('web', 'api')", name="caller_known"),
        Index("ix_auditlog_project_id_id", "project_id", "id"),
        Index("ix_auditlog_attribute_created", "attribute", "created"),
    )

    id: Mapped[BigId]
    project_id: Mapped[int]
    project_short_name: Mapped[str]
    user_id: Mapped[int]
    user_name: Mapped[str]
    created: Mapped[Moment]
    action: Mapped[str]
    """`create`, `update` or `delete`."""
    caller: Mapped[str]
    attribute: Mapped[str]
    old_value: Mapped[str | None]
    new_value: Mapped[str | None]
