"""What an account asks for beside its password."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, Flag, Line, Moment, Word


class SecondStep(Base):
    """The second step of signing in that the person of an account has chosen; no row where they have chosen none."""

    __tablename__ = "second_step"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    created: Mapped[Moment]
    mail_codes: Mapped[Flag]
    """Codes are mailed to the account's address."""
    secret: Mapped[Line | None]
    """Of the authenticator app, encrypted; None without one."""
    last_step: Mapped[int | None]
    """The time step of the last code that was accepted: no code works twice."""


class RecoveryCode(Base):
    """A code that takes the place of the second step, once: using it removes the row."""

    __tablename__ = "recovery_code"

    id: Mapped[BigId]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    digest: Mapped[Word]
    """Keyed; the code itself is shown once and kept nowhere."""
