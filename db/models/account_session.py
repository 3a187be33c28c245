"""Where an account is signed in."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import INTERNAL, Base, BigId, Moment, Word


class AccountSession(Base):
    """A browser in which an account has signed in. The cookie alone lets it in: this row is what its person is shown.

    When it was last used is in Redis (`webapp.http.security.last_use`), so that reading a page writes nothing here.
    """

    __tablename__ = "account_session"
    __table_args__ = (
        Index("ix_account_session_user_id_id", "user_id", "id"),
        Index("ix_account_session_created", "created"),
    )

    id: Mapped[BigId]
    created: Mapped[Moment]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    credential: Mapped[str] = mapped_column(String(64), unique=True, info=INTERNAL)
    """The fingerprint of its cookie."""
    browser: Mapped[Word]
    """In words, `Firefox`; "" for one that is not known."""
    system: Mapped[Word]
    """Likewise, `Android`."""
    proven: Mapped[datetime | None]
    """When its person has last shown who they are, by password or passkey."""
