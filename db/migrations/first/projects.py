"""Categories, projects, and what is told and counted of projects, as the first migration made them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def create_category() -> None:
    op.create_table(
        "category",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "info", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_category_name_given")),
        sa.CheckConstraint("short_name <> ''", name=op.f("ck_category_short_name_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("name", name=op.f("uq_category_name")),
        sa.UniqueConstraint("short_name", name=op.f("uq_category_short_name")),
    )


def create_project() -> None:
    op.create_table(
        "project",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("short_name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=False),
        sa.Column("long_description", sa.Text(), nullable=True),
        sa.Column("webhook", sa.Text(), nullable=True),
        sa.Column("allow_anonymous_contributors", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("published", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("featured", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("contacted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("secret_key", sa.Text(), server_default=sa.text("(gen_random_uuid())::text"), nullable=False),
        sa.Column("zip_download", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "info", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("owners_ids", sa.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'::bigint[]"), nullable=False),
        sa.CheckConstraint("description <> ''", name=op.f("ck_project_description_given")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_project_name_given")),
        sa.CheckConstraint("short_name <> ''", name=op.f("ck_project_short_name_given")),
        sa.CheckConstraint("owner_id = ANY (owners_ids)", name=op.f("ck_project_owner_among_owners")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_project_category_id_category"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_project_owner_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("name", name=op.f("uq_project_name")),
        sa.UniqueConstraint("short_name", name=op.f("uq_project_short_name")),
    )
    op.create_index(
        "ix_project_autoimporter", "project", ["id"], unique=False, postgresql_where=sa.text("info ? 'autoimporter'")
    )
    op.create_index(
        "ix_project_category_id", "project", ["category_id"], unique=False, postgresql_where=sa.text("published")
    )
    op.create_index("ix_project_featured", "project", ["id"], unique=False, postgresql_where=sa.text("featured"))
    op.create_index("ix_project_owner_id", "project", ["owner_id"], unique=False)
    op.create_index("ix_project_owners_ids", "project", ["owners_ids"], unique=False, postgresql_using="gin")


def create_project_stats() -> None:
    op.create_table(
        "project_stats",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("n_tasks", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("n_task_runs", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("n_results", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("n_volunteers", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("n_completed_tasks", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("overall_progress", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("average_time", sa.Double(), server_default=sa.text("0"), nullable=False),
        sa.Column("n_blogposts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_activity", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "info", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_stats_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_stats")),
        sa.UniqueConstraint("project_id", name=op.f("uq_project_stats_project_id")),
    )


def create_project_counter() -> None:
    op.create_table(
        "project_counter",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("n_tasks", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("n_slots", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("n_completed_tasks", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("n_task_runs", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("n_counted", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("n_results", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("n_volunteers", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("n_anonymous", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_activity", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_project_counter_project_id_project"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "shard", name=op.f("pk_project_counter")),
        postgresql_with={"fillfactor": 50},
    )


def create_contributor_progress() -> None:
    op.create_table(
        "contributor_progress",
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("contributor", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("n_runs", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_contributor_progress_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_contributor_progress_user_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("project_id", "contributor", name=op.f("pk_contributor_progress")),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index("ix_contributor_progress_user_id", "contributor_progress", ["user_id", "last_at"], unique=False)


def create_feed_event() -> None:
    op.create_table(
        "feed_event",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "payload", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.CheckConstraint(
            "kind IN ('Project', 'Task', 'TaskCompleted', 'UserContribution', 'Blog', 'User')",
            name=op.f("ck_feed_event_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_feed_event_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_feed_event_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_event")),
    )
    op.create_index("ix_feed_event_created", "feed_event", ["created", "id"], unique=False)
    op.create_index("ix_feed_event_project_id", "feed_event", ["project_id"], unique=False)
    op.create_index("ix_feed_event_user_id", "feed_event", ["user_id"], unique=False)
