"""How much each account has done in all."""

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Counted


class UserScore(Base):
    """The number of an account's runs, from which ranks are read; comes with the account."""

    __tablename__ = "user_score"
    __table_args__ = (
        Index("ix_user_score_rank", text("n_runs DESC"), "user_id"),
        {"postgresql_with": {"fillfactor": 80}},
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    n_runs: Mapped[Counted]
