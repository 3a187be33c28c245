"""Accounts, their scores, announcements, and the audit log, as the first migration made them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


def create_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("email_addr", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=254), nullable=False),
        sa.Column("fullname", sa.String(length=500), nullable=False),
        sa.Column("locale", sa.String(length=254), server_default="en", nullable=False),
        sa.Column("api_key", sa.String(length=36), server_default=sa.text("(gen_random_uuid())::text"), nullable=True),
        sa.Column("passwd_hash", sa.Text(), nullable=True),
        sa.Column("session_epoch", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("ldap", sa.Text(), nullable=True),
        sa.Column("admin", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("pro", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("privacy_mode", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("restrict", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("category", sa.Integer(), nullable=True),
        sa.Column("flags", sa.Integer(), nullable=True),
        sa.Column("ckan_api", sa.Text(), nullable=True),
        sa.Column("newsletter_prompted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("valid_email", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("confirmation_email_sent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("subscribed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("consent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "info", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "user_pref",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text('\'{"languages": [], "locations": []}\'::jsonb'),
            nullable=False,
        ),
        sa.Column("notified_at", sa.Date(), nullable=True),
        sa.CheckConstraint("email_addr <> ''", name=op.f("ck_users_email_addr_given")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_users_name_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("api_key", name=op.f("uq_users_api_key")),
        sa.UniqueConstraint("ckan_api", name=op.f("uq_users_ckan_api")),
        sa.UniqueConstraint("ldap", name=op.f("uq_users_ldap")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_index("ix_users_created", "users", ["created", "id"], unique=False)
    op.create_index("uq_users_lower_email_addr", "users", [sa.literal_column("lower(email_addr)")], unique=True)


def create_user_score() -> None:
    op.create_table(
        "user_score",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("n_runs", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_score_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_score")),
        postgresql_with={"fillfactor": 80},
    )
    op.create_index("ix_user_score_rank", "user_score", [sa.literal_column("n_runs DESC"), "user_id"], unique=False)


def create_announcement() -> None:
    op.create_table(
        "announcement",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "info", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("media_url", sa.Text(), nullable=True),
        sa.Column("published", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("title <> ''", name=op.f("ck_announcement_title_given")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_announcement_user_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_index("ix_announcement_user_id", "announcement", ["user_id"], unique=False)


def create_auditlog() -> None:
    op.create_table(
        "auditlog",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("project_short_name", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("attribute", sa.Text(), nullable=False),
        sa.Column("old_value", sa.Text(), nullable=True),
        sa.Column("new_value", sa.Text(), nullable=True),
        sa.CheckConstraint("caller IN ('web', 'api')", name=op.f("ck_auditlog_caller_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auditlog")),
    )
    op.create_index("ix_auditlog_attribute_created", "auditlog", ["attribute", "created"], unique=False)
    op.create_index("ix_auditlog_project_id_id", "auditlog", ["project_id", "id"], unique=False)
