"""Figures of an account: its days, and its rank."""

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Counted


class UserDay(Base):
    """The answers of an account on one day."""

    __tablename__ = "user_day"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    n_runs: Mapped[Counted]


class RankedUser(Base):
    """The answers of an account, and the score by which it is ranked: the same, or none if it is in no ranking.

    Ranks are read from `ScoreCount` and `ScoreBlock`, which count accounts by score; an account that was removed is
    taken out of them by what is kept here, so that it outlives the account's own row for a moment.
    """

    __tablename__ = "ranked_user"
    __table_args__ = (
        Index("ix_ranked_user_place", text("(-score)"), "user_id", postgresql_where=text("score IS NOT NULL")),
        Index("ix_ranked_user_newest", text("(-user_id)"), "user_id", postgresql_where=text("score > 0")),
        {"postgresql_with": {"fillfactor": 80}},
    )

    user_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n_runs: Mapped[Counted]
    score: Mapped[int | None]


class ScoreCount(Base):
    """How many accounts have a score."""

    __tablename__ = "score_count"

    score: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n_accounts: Mapped[Counted]


class ScoreBlock(Base):
    """The same by the accounts' ids, in blocks of 4096: most scores are shared, and the older account is first."""

    __tablename__ = "score_block"

    score: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    block: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n_accounts: Mapped[Counted]
