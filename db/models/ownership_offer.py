"""Offers to hand a project over."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, Moment, Name254


class OwnershipOffer(Base):
    """A project, offered to whoever has an e-mail address; it is theirs once they accept. One a project."""

    __tablename__ = "ownership_offer"
    __table_args__ = (
        Index("ix_ownership_offer_user_id", "user_id"),
        Index("ix_ownership_offer_offered_by", "offered_by"),
    )

    id: Mapped[BigId]
    created: Mapped[Moment]
    expires: Mapped[datetime]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), unique=True)
    email_addr: Mapped[Name254]
    """As it was typed: all that the one who offers is told of the other."""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    """The account that had this address then; None if none had, so that nobody can ever accept."""
    offered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
