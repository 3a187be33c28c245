"""Statistics of projects."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, Counted, JsonProject


class ProjectStats(Base):
    """The counts of a project in one row, which lists can be filtered and ordered by; comes with the project, and is a
    figure (`db.models.figures`): a second old. Fresh counts are in `project_counter`."""

    __tablename__ = "project_stats"

    id: Mapped[BigId]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), unique=True)
    n_tasks: Mapped[Counted]
    n_task_runs: Mapped[Counted]
    n_results: Mapped[Counted]
    n_volunteers: Mapped[Counted]
    n_completed_tasks: Mapped[Counted]
    overall_progress: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    """Per cent of the tasks, without the fraction."""
    average_time: Mapped[float] = mapped_column(server_default=text("0"))
    """Seconds from handing a task out to saving its answer."""
    n_blogposts: Mapped[Counted]
    last_activity: Mapped[datetime | None]
    info: Mapped[JsonProject]
    """Always empty: what clients see here is made when they ask for it."""
