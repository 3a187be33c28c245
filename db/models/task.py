"""Tasks."""

from sqlalchemy import (
    Computed,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, BigId, Ids, JsonTask, Moment, Word
from db.checks import POSITIVE, one_of

ONGOING = "ongoing"
COMPLETED = "completed"


class Task(Base):
    """One piece of work.

    Its row is wide and rarely written; what changes with every draw and answer is in `task_slots`, which triggers make
    and keep in step (insert, `n_answers`, `priority_0`, `state`).
    """

    __tablename__ = "task"
    __table_args__ = (
        # What runs, results and assignments refer to, so that none can name a task of another project.
        UniqueConstraint("project_id", "id"),
        # What lists are asked for by and sorted by, each with the id behind it (`db.index_order`).
        Index("ix_task_project_id_state_id", "project_id", "state", "id"),
        Index("ix_task_project_id_n_answers_id", "project_id", "n_answers", "id"),
        Index("ix_task_project_id_priority_0_id", "project_id", text("priority_0 DESC"), "id"),
        Index("ix_task_project_id_created_id", "project_id", "created", "id"),
        Index("ix_task_project_id_info_hash", "project_id", "info_hash"),
        Index("ix_task_info", "info", postgresql_using="gin", postgresql_ops={"info": "jsonb_path_ops"}),
        Index("ix_task_created", "created", postgresql_using="brin", postgresql_with={"autosummarize": "on"}),
        Index(
            "ix_task_fav_user_ids",
            "fav_user_ids",
            postgresql_using="gin",
            postgresql_where=text("fav_user_ids IS NOT NULL"),
        ),
    )

    id: Mapped[BigId]
    created: Mapped[Moment]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    state: Mapped[Word] = mapped_column(server_default=ONGOING, info=one_of(ONGOING, COMPLETED))
    quorum: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    calibration: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    priority_0: Mapped[float] = mapped_column(server_default=text("0"))
    info: Mapped[JsonTask]
    n_answers: Mapped[int] = mapped_column(Integer, server_default=text("30"), info=POSITIVE)
    """How many counted answers complete it: its redundancy."""
    fav_user_ids: Mapped[Ids | None]
    info_hash: Mapped[bytes | None] = mapped_column(
        LargeBinary, Computed("decode(md5(info::text), 'hex')", persisted=True), deferred=True
    )
    """Finds tasks that are already there at import; PostgreSQL writes the text of jsonb in one way only."""
