"""Answers."""

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Integer, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, Contributor, JsonAnswer, Key, Line, Moment, Word


class TaskRun(Base):
    """One answer of one contributor to one task.

    Deleting runs takes them out of every count (triggers); inserting them is counted by the statement that submits, and
    in bulk by `db.queries.importing.backfill`.
    """

    __tablename__ = "task_run"
    __table_args__ = (
        ForeignKeyConstraint(["project_id", "task_id"], ["task.project_id", "task.id"], ondelete="CASCADE"),
        UniqueConstraint("task_id", "contributor"),
        CheckConstraint("num_nonnulls(user_id, user_ip, external_uid) = 1", name="one_identity"),
        Index(
            "uq_task_run_idempotency_key",
            "project_id",
            "contributor",
            "idempotency_key",
            unique=True,
            postgresql_where=text("idempotency_key IS NOT NULL"),
        ),
        Index("ix_task_run_task_id_id", "task_id", "id"),
        Index("ix_task_run_project_id_id", "project_id", "id"),
        Index("ix_task_run_user_id_id", "user_id", "id"),
        Index("ix_task_run_project_id_finish_time_id", "project_id", "finish_time", "id"),
        Index("ix_task_run_project_id_created_id", "project_id", "created", "id"),
        Index("ix_task_run_finish_time", "finish_time", postgresql_using="brin"),
        Index("ix_task_run_info", "info", postgresql_using="gin", postgresql_ops={"info": "jsonb_path_ops"}),
        Index("ix_task_run_created", "created", postgresql_using="brin", postgresql_with={"autosummarize": "on"}),
    )

    id: Mapped[BigId]
    created: Mapped[Moment]
    """When the task was handed out."""
    project_id: Mapped[int]
    task_id: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    user_ip: Mapped[Word | None]
    """The anonymised address, of every anonymous run."""
    finish_time: Mapped[Moment]
    """When the answer was saved."""
    timeout: Mapped[int | None] = mapped_column(Integer)
    calibration: Mapped[int | None] = mapped_column(Integer)
    external_uid: Mapped[Key | None]
    media_url: Mapped[Line | None]
    info: Mapped[JsonAnswer]
    contributor: Mapped[Contributor]
    """Who answered, by the key that assignments use."""
    counted: Mapped[bool] = mapped_column(server_default=true())
    """False for surplus answers: those that came when the task had as many as it wanted."""
    idempotency_key: Mapped[Word | None]
    """What the sender called this answer, so that sending it again stores nothing new."""
