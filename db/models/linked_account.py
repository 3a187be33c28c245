"""Accounts at other services by which an account here signs in."""

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import INTERNAL, Base, BigId, BoundedText, Key, Moment, Name254, Word


class LinkedAccount(Base):
    """Whoever is `subject` at `provider` signs in as this account."""

    __tablename__ = "linked_account"
    __table_args__ = (UniqueConstraint("provider", "subject"), UniqueConstraint("user_id", "provider"))

    id: Mapped[BigId]
    created: Mapped[Moment]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    provider: Mapped[Word]
    """The provider's name in the settings: `google`, `github`, …"""
    subject: Mapped[Key]
    """What the provider knows the person by: never given to another, whatever they are called."""
    label: Mapped[Name254]
    """What the person is called there, so that they know it again."""
    sealed_tokens: Mapped[str | None] = mapped_column(BoundedText(16_000), info=INTERNAL)
    """The provider's tokens, encrypted; None where nobody may ask for them."""
