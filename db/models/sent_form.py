"""Forms that were sent and have made something."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Moment


class SentForm(Base):
    """One sending of a form that makes something new, so that the same sending makes it once."""

    __tablename__ = "sent_form"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """A hash of who sent what, from which drawing of the form."""
    created: Mapped[Moment]
    target: Mapped[str] = mapped_column(String(4000), server_default="")
    """The path that the answer led to."""
