"""Results of tasks."""

from sqlalchemy import ForeignKeyConstraint, Index, text, true
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, Ids, JsonAnswer, Moment


class Result(Base):
    """What the answers to a task came to, once it is complete; a late answer makes a new version.

    Triggers keep `project_counter.n_results`, the number of results with an `info`.
    """

    __tablename__ = "result"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "task_id"], ["task.project_id", "task.id"], ondelete="CASCADE"),
        Index("uq_result_last_version", "task_id", unique=True, postgresql_where=text("last_version")),
        Index("ix_result_task_id_id", "task_id", "id"),
        Index("ix_result_project_id_id", "project_id", "id"),
        Index("ix_result_project_id_created_id", "project_id", "created", "id"),
        Index("ix_result_info", "info", postgresql_using="gin", postgresql_ops={"info": "jsonb_path_ops"}),
        Index("ix_result_created", "created", postgresql_using="brin", postgresql_with={"autosummarize": "on"}),
    )

    id: Mapped[BigId]
    created: Mapped[Moment]
    project_id: Mapped[int]
    task_id: Mapped[int]
    task_run_ids: Mapped[Ids]
    last_version: Mapped[bool] = mapped_column(server_default=true())
    info: Mapped[JsonAnswer]
    """The owner's conclusion; none at first."""
