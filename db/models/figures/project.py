"""Figures of a project."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, Integer, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Contributor, Counted, Flag, Word

PLACE = (text("rank DESC"), text("last_activity DESC NULLS LAST"), text("project_id DESC"))
"""The order of lists, unless another is asked for."""
LISTED, FEATURED, DRAFT = text("is_listed"), text("is_listed AND featured"), text("NOT published")
"""The lists that a project is in, apart from that of its category, where those of `LISTED` are."""


class ProjectDay(Base):
    """One day of a project, from its answers and results."""

    __tablename__ = "project_day"
    # The days of a project lie far apart, in the order in which they came.
    __table_args__ = (
        Index(
            "ix_project_day_completed",
            "project_id",
            "day",
            postgresql_include=["n_completed"],
            postgresql_where=text("n_completed <> 0"),
        ),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    n_runs: Mapped[Counted]
    n_anonymous: Mapped[Counted]
    """Runs of volunteers without an account."""
    n_users: Mapped[Counted]
    """Runs of accounts."""
    n_active: Mapped[Counted]
    """Contributors who answered on this day."""
    n_new: Mapped[Counted]
    """Those of them whose first answer it was."""
    n_completed: Mapped[Counted]
    """Tasks whose current result is of this day."""


class ProjectHour(Base):
    """The answers to a project in one hour of the day (0 to 23), of all days."""

    __tablename__ = "project_hour"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    hour: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    n_runs: Mapped[Counted]
    n_anonymous: Mapped[Counted]
    n_users: Mapped[Counted]
    seconds: Mapped[float] = mapped_column(server_default=text("0"))
    """How long they took in all, from handing out to saving."""


class ProjectTotal(Base):
    """What a project adds to the totals of the site and of its category, and where it stands in lists; it outlives the
    project for a moment, to be taken out of them. Fresh counts are the sums of `project_counter`."""

    __tablename__ = "project_total"
    __table_args__ = (
        Index("ix_project_total_place", *PLACE, postgresql_where=LISTED),
        Index("ix_project_total_place_in_category", "category_id", *PLACE, postgresql_where=LISTED),
        Index("ix_project_total_place_of_featured", *PLACE, postgresql_where=FEATURED),
        Index("ix_project_total_place_of_drafts", *PLACE, postgresql_where=DRAFT),
        Index("ix_project_total_rank_until", "rank_until", postgresql_where=text("rank_until IS NOT NULL")),
    )

    project_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    category_id: Mapped[int]
    published: Mapped[Flag]
    featured: Mapped[Flag]
    n_tasks: Mapped[Counted]
    n_slots: Mapped[Counted]
    n_completed_tasks: Mapped[Counted]
    n_task_runs: Mapped[Counted]
    n_counted: Mapped[Counted]
    n_results: Mapped[Counted]
    n_anonymous: Mapped[Counted]
    is_listed: Mapped[Flag]
    """This and the next three are what `workbee_listing` says."""
    rank: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    rank_until: Mapped[datetime | None]
    last_activity: Mapped[datetime | None]


UPWARDS = ("orderby", text("number NULLS FIRST"), text("words NULLS FIRST"), "project_id")
DOWNWARDS = ("orderby", text("number DESC NULLS LAST"), text("words DESC NULLS LAST"), "project_id")
"""The orders of lists by a value of their projects. Among equals the older project is first in both."""


class ProjectOrder(Base):
    """Where a project stands in lists that are ordered by one of its values: a row for each of these, which
    `workbee_project_orders` tells."""

    __tablename__ = "project_order"
    __table_args__ = (
        Index("ix_project_order_upwards", *UPWARDS, postgresql_where=LISTED),
        Index("ix_project_order_downwards", *DOWNWARDS, postgresql_where=LISTED),
        Index("ix_project_order_upwards_in_category", "category_id", *UPWARDS, postgresql_where=LISTED),
        Index("ix_project_order_downwards_in_category", "category_id", *DOWNWARDS, postgresql_where=LISTED),
        Index("ix_project_order_upwards_in_featured", *UPWARDS, postgresql_where=FEATURED),
        Index("ix_project_order_downwards_in_featured", *DOWNWARDS, postgresql_where=FEATURED),
        Index("ix_project_order_upwards_in_drafts", *UPWARDS, postgresql_where=DRAFT),
        Index("ix_project_order_downwards_in_drafts", *DOWNWARDS, postgresql_where=DRAFT),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    orderby: Mapped[Word] = mapped_column(primary_key=True)
    category_id: Mapped[int]
    published: Mapped[Flag]
    featured: Mapped[Flag]
    is_listed: Mapped[Flag]
    """This and those before are those of `ProjectTotal`."""
    number: Mapped[float | None]
    words: Mapped[str | None] = mapped_column(String(500))


class ProjectPeople(Base):
    """The accounts that have answered in a project."""

    __tablename__ = "project_people"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    n_users: Mapped[Counted]


class ProjectContributor(Base):
    """The answers of one account, or from one (anonymised) address, to a project: `key` is the account's id, or the
    address."""

    __tablename__ = "project_contributor"
    __table_args__ = (
        Index(
            "ix_project_contributor_rank",
            "project_id",
            "kind",
            text("n_runs DESC"),
            "key",
            postgresql_where=text("n_runs > 0"),
        ),
    )

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[Word] = mapped_column(primary_key=True)
    """`user` or `address`."""
    key: Mapped[Word] = mapped_column(primary_key=True)
    n_runs: Mapped[Counted]


class ContributorDay(Base):
    """The answers of one contributor to a project on one of the last days, by which `ProjectDay` knows who is new."""

    __tablename__ = "contributor_day"
    __table_args__ = (Index("ix_contributor_day_day", "day"),)

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), primary_key=True)
    contributor: Mapped[Contributor] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    n_runs: Mapped[Counted]
    is_new: Mapped[Flag]
    """Whether it is the day of their first answer."""
