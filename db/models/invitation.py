"""Invitations to make an account."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, Moment, Word


class Invitation(Base):
    """A link by which so many may still make an account, until it expires."""

    __tablename__ = "invitation"
    __table_args__ = (Index("ix_invitation_invited_by", "invited_by"),)

    id: Mapped[BigId]
    created: Mapped[Moment]
    code: Mapped[Word] = mapped_column(unique=True)
    """Whoever knows it is invited."""
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    expires: Mapped[datetime]
    n_left: Mapped[int] = mapped_column(Integer)
