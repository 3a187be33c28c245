"""How far the figures are, and what has changed of the rows that they already count."""

from datetime import datetime
from typing import Any

from sqlalchemy import SmallInteger, text
from sqlalchemy.dialects.postgresql import INT8MULTIRANGE
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, Contributor, Word

NO_IDS = text("'{}'::int8multirange")


class FigureState(Base):
    """Which rows of a table (`task_run`, `result`) the figures count: ids up to the watermark, without the missing."""

    __tablename__ = "figure_state"

    source: Mapped[Word] = mapped_column(primary_key=True)
    watermark: Mapped[int] = mapped_column(server_default=text("0"))
    missing: Mapped[Any] = mapped_column(INT8MULTIRANGE, server_default=NO_IDS)
    """Ids below the watermark that nobody could see: their transactions were under way, or rolled back."""
    missing_before: Mapped[Any] = mapped_column(INT8MULTIRANGE, server_default=NO_IDS)
    """The same of an earlier time, forgotten once every transaction of then has ended."""
    missing_until: Mapped[int] = mapped_column(server_default=text("0"))
    """When no transaction below this one is under way, those of `missing_before` have ended."""


class RunChange(Base):
    """A run that was removed (`sign` -1), or is another contributor's now (-1 as it was, +1 as it is). The figures take
    it from here if they count the run, and forget it."""

    __tablename__ = "run_change"

    id: Mapped[BigId]
    run_id: Mapped[int]
    sign: Mapped[int] = mapped_column(SmallInteger)
    project_id: Mapped[int]
    contributor: Mapped[Contributor]
    user_id: Mapped[int | None]
    user_ip: Mapped[Word | None]
    created: Mapped[datetime]
    finish_time: Mapped[datetime]


class ResultChange(Base):
    """A result that is not its task's current one any more (`sign` -1), or is again."""

    __tablename__ = "result_change"

    id: Mapped[BigId]
    result_id: Mapped[int]
    sign: Mapped[int] = mapped_column(SmallInteger)
    project_id: Mapped[int]
    created: Mapped[datetime]


class ProjectChange(Base):
    """A project that came, went or changed, or whose counts did: its totals are looked at again."""

    __tablename__ = "project_change"

    id: Mapped[BigId]
    project_id: Mapped[int]


class UserChange(Base):
    """An account that came, went, or is shown in rankings now or no longer."""

    __tablename__ = "user_change"

    id: Mapped[BigId]
    user_id: Mapped[int]
