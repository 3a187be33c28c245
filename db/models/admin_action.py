"""What administrators did."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from db.base import Base, BigId, Key, Line, LongText, Moment, Word


class AdminAction(Base):
    """One thing that an administrator did to somebody or something. It refers to nothing, so that it outlives both; a
    trigger refuses to change or delete it."""

    __tablename__ = "admin_action"
    __table_args__ = (Index("ix_admin_action_subject", "subject", "subject_id", "id"),)

    id: Mapped[BigId]
    created: Mapped[Moment]
    admin_id: Mapped[int]
    admin_name: Mapped[Line]
    action: Mapped[Word]
    """A verb of `webapp.services.site.admin_record`."""
    subject: Mapped[Word]
    """`user`, `project`, `category`, `announcement` or `job`."""
    subject_id: Mapped[int]
    subject_name: Mapped[Key]
    """As it was then."""
    detail: Mapped[LongText | None]
    """What else is to be known: a reason, what was before."""
