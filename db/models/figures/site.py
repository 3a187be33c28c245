"""Figures of the whole site."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Counted, Word


class SiteDay(Base):
    """The answers of one day."""

    __tablename__ = "site_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    n_runs: Mapped[Counted]


class SiteTotal(Base):
    """How much there is of everything, in one row."""

    __tablename__ = "site_total"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    n_users: Mapped[Counted]
    n_published: Mapped[Counted]
    """Projects."""
    n_drafts: Mapped[Counted]
    n_featured: Mapped[Counted]
    """Published ones."""
    n_tasks: Mapped[Counted]
    n_slots: Mapped[Counted]
    n_completed_tasks: Mapped[Counted]
    n_task_runs: Mapped[Counted]
    n_counted: Mapped[Counted]
    n_results: Mapped[Counted]
    n_listed: Mapped[Counted]
    """Projects that lists show to everybody."""
    n_listed_featured: Mapped[Counted]
    n_anonymous: Mapped[Counted]
    """Contributors without an account, once for each project that they answered in."""


class CategoryTotal(Base):
    """The published projects of a category."""

    __tablename__ = "category_total"

    category_id: Mapped[int] = mapped_column(ForeignKey("category.id", ondelete="CASCADE"), primary_key=True)
    n_published: Mapped[Counted]
    n_listed: Mapped[Counted]
    """Those that lists show to everybody."""


class ActivityHour(Base):
    """The answers of an account (`kind` user), or to a project, in one of the last 24 hours: the present one is one."""

    __tablename__ = "activity_hour"

    hour: Mapped[datetime] = mapped_column(primary_key=True)
    kind: Mapped[Word] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n_runs: Mapped[Counted]


class RecentActivity(Base):
    """The sum of these hours: who, or which project, is most active now."""

    __tablename__ = "recent_activity"
    __table_args__ = (
        Index(
            "ix_recent_activity_rank",
            "kind",
            text("n_runs DESC"),
            "subject_id",
            postgresql_where=text("n_runs > 0"),
        ),
        {"postgresql_with": {"fillfactor": 80}},
    )

    kind: Mapped[Word] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    n_runs: Mapped[Counted]
