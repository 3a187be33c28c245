"""Statistics of projects, made by jobs."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, Counted, JsonProject


class ProjectStats(Base):
    """What a job last reckoned for one project; comes with the project. Fresh counts are in `project_counter`."""

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
    refreshed_at: Mapped[datetime | None]
    """None until a job has been here."""
    refresh_seconds: Mapped[float] = mapped_column(server_default=text("0"))
    """How long that took."""
    info: Mapped[JsonProject]
    """`dates_stats`, `hours_stats` and `users_stats`."""
