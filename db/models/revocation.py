"""Credentials that have ended before their time."""

from sqlalchemy import CheckConstraint, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, Moment


class Revocation(Base):
    """A signed credential (a sign-in cookie, a presenter frame's token) that is refused from now on.

    Either one credential, by its fingerprint, or all of an account that were issued before `session_epoch`. It refers
    to nothing, so that it outlives the account. It is kept as long as a cookie may live.
    """

    __tablename__ = "revocation"
    __table_args__ = (
        CheckConstraint("(credential IS NULL) = (user_id IS NOT NULL)", name="of_one_kind"),
        CheckConstraint("(user_id IS NULL) = (session_epoch IS NULL)", name="epoch_of_account"),
        Index("ix_revocation_credential", "credential", postgresql_where=text("credential IS NOT NULL")),
        Index("ix_revocation_created", "created"),
    )

    id: Mapped[BigId]
    created: Mapped[Moment]
    credential: Mapped[str | None] = mapped_column(String(64))
    """The fingerprint of what the bearer shows, never the thing itself."""
    user_id: Mapped[int | None]
    session_epoch: Mapped[int | None] = mapped_column(Integer)
