"""Passkeys (WebAuthn)."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.base import INTERNAL, Base, BigId, Counted, Key, Line, Moment


class Passkey(Base):
    """A key on somebody's device, or in their password manager, that signs them in without a password."""

    __tablename__ = "passkey"

    id: Mapped[BigId]
    created: Mapped[Moment]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[Key]
    """What its person calls it."""
    credential: Mapped[Line] = mapped_column(unique=True, info=INTERNAL)
    """The id by which the device knows it, in base64url."""
    public_key: Mapped[Line] = mapped_column(info=INTERNAL)
    """As the device sent it (COSE), in base64url."""
    sign_count: Mapped[Counted] = mapped_column(info=INTERNAL)
    """How often it has signed, as it says itself; one that counts back is a copy."""
    last_used: Mapped[datetime | None]
