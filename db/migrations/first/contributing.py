"""Tasks, who was given them, answers and results, as the first migration made them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def create_task() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="ongoing", nullable=False),
        sa.Column("quorum", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("calibration", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("priority_0", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("info", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("n_answers", sa.Integer(), server_default=sa.text("30"), nullable=False),
        sa.Column("fav_user_ids", sa.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column(
            "info_hash", sa.LargeBinary(), sa.Computed("decode(md5(info::text), 'hex')", persisted=True), nullable=True
        ),
        sa.CheckConstraint("state IN ('ongoing', 'completed')", name=op.f("ck_task_state_known")),
        sa.CheckConstraint("n_answers > 0", name=op.f("ck_task_n_answers_positive")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_task_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("project_id", "id", name=op.f("uq_task_project_id_id")),
    )
    op.create_index("ix_task_fav_user_ids", "task", ["fav_user_ids"], unique=False, postgresql_using="gin")
    op.create_index(
        "ix_task_info",
        "task",
        ["info"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"info": "jsonb_path_ops"},
    )
    op.create_index("ix_task_project_id_info_hash", "task", ["project_id", "info_hash"], unique=False)
    op.create_index("ix_task_project_id_state_id", "task", ["project_id", "state", "id"], unique=False)


def create_task_slots() -> None:
    op.create_table(
        "task_slots",
        sa.Column("task_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("priority_0", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("n_answers", sa.Integer(), nullable=False),
        sa.Column("ceiling", sa.Integer(), nullable=False),
        sa.Column("n_counted", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("n_held", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("n_runs", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "is_open", sa.Boolean(), sa.Computed("n_counted + n_held < n_answers", persisted=True), nullable=False
        ),
        sa.Column("completed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("ceiling >= n_answers", name=op.f("ck_task_slots_ceiling_high_enough")),
        sa.CheckConstraint("n_counted + n_held <= ceiling", name=op.f("ck_task_slots_ceiling_kept")),
        sa.CheckConstraint(
            "n_counted >= 0 AND n_held >= 0 AND n_runs >= n_counted", name=op.f("ck_task_slots_counts_sane")
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "task_id"],
            ["task.project_id", "task.id"],
            name=op.f("fk_task_slots_project_id_task_id_task"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_task_slots")),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index(
        "ix_task_slots_open_created",
        "task_slots",
        ["project_id", "created", "task_id"],
        unique=False,
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "ix_task_slots_open_id",
        "task_slots",
        ["project_id", "task_id"],
        unique=False,
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "ix_task_slots_open_priority",
        "task_slots",
        ["project_id", sa.literal_column("priority_0 DESC"), "task_id"],
        unique=False,
        postgresql_where=sa.text("is_open"),
    )
    op.create_index(
        "ix_task_slots_open_runs",
        "task_slots",
        ["project_id", "n_runs", "task_id"],
        unique=False,
        postgresql_where=sa.text("is_open"),
    )


def create_assignment() -> None:
    op.create_table(
        "assignment",
        sa.Column("task_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("contributor", sa.Text(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('held', 'reserved')) = (deadline IS NOT NULL)", name=op.f("ck_assignment_deadline_if_holding")
        ),
        sa.CheckConstraint(
            "state IN ('held', 'reserved', 'lent', 'counted', 'surplus')", name=op.f("ck_assignment_state_known")
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "task_id"],
            ["task.project_id", "task.id"],
            name=op.f("fk_assignment_project_id_task_id_task"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("task_id", "contributor", name=op.f("pk_assignment")),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index("ix_assignment_contributor", "assignment", ["project_id", "contributor", "task_id"], unique=False)
    op.create_index(
        "ix_assignment_deadline",
        "assignment",
        ["project_id", "deadline"],
        unique=False,
        postgresql_where=sa.text("state IN ('held', 'reserved')"),
    )
    op.create_index(
        "uq_assignment_one_held",
        "assignment",
        ["project_id", "contributor"],
        unique=True,
        postgresql_where=sa.text("state = 'held'"),
    )


def create_task_run() -> None:
    op.create_table(
        "task_run",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("user_ip", sa.Text(), nullable=True),
        sa.Column("finish_time", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("timeout", sa.Integer(), nullable=True),
        sa.Column("calibration", sa.Integer(), nullable=True),
        sa.Column("external_uid", sa.Text(), nullable=True),
        sa.Column("media_url", sa.Text(), nullable=True),
        sa.Column("info", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("contributor", sa.Text(), nullable=False),
        sa.Column("counted", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.CheckConstraint("num_nonnulls(user_id, user_ip, external_uid) = 1", name=op.f("ck_task_run_one_identity")),
        sa.ForeignKeyConstraint(
            ["project_id", "task_id"],
            ["task.project_id", "task.id"],
            name=op.f("fk_task_run_project_id_task_id_task"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_task_run_user_id_users"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_run")),
        sa.UniqueConstraint("task_id", "contributor", name=op.f("uq_task_run_task_id_contributor")),
    )
    op.create_index(
        "ix_task_run_info",
        "task_run",
        ["info"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"info": "jsonb_path_ops"},
    )
    op.create_index("ix_task_run_project_id_finish_time", "task_run", ["project_id", "finish_time"], unique=False)
    op.create_index("ix_task_run_project_id_id", "task_run", ["project_id", "id"], unique=False)
    op.create_index("ix_task_run_task_id_id", "task_run", ["task_id", "id"], unique=False)
    op.create_index("ix_task_run_user_id_id", "task_run", ["user_id", "id"], unique=False)
    op.create_index(
        "uq_task_run_idempotency_key",
        "task_run",
        ["project_id", "contributor", "idempotency_key"],
        unique=True,
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )


def create_result() -> None:
    op.create_table(
        "result",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("task_run_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("last_version", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("info", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id", "task_id"],
            ["task.project_id", "task.id"],
            name=op.f("fk_result_project_id_task_id_task"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result")),
    )
    op.create_index(
        "ix_result_info",
        "result",
        ["info"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"info": "jsonb_path_ops"},
    )
    op.create_index("ix_result_project_id_id", "result", ["project_id", "id"], unique=False)
    op.create_index("ix_result_task_id_id", "result", ["task_id", "id"], unique=False)
    op.create_index(
        "uq_result_last_version", "result", ["task_id"], unique=True, postgresql_where=sa.text("last_version")
    )
