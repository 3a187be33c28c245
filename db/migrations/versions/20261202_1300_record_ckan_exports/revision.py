"""Exports to a CKAN site."""

import sqlalchemy as sa
from alembic import op

revision = "20261202_1300"
down_revision = "20261202_1200"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ckan_export",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished", sa.DateTime(timezone=True), nullable=True),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("n_total", sa.BigInteger(), nullable=True),
        sa.Column("n_sent", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_ckan_export_state_known")),
        sa.CheckConstraint(
            "char_length(kind) <= 100 AND char_length(state) <= 100 AND char_length(error) <= 64000",
            name=op.f("ck_ckan_export_sizes"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_ckan_export_project_id_project"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_ckan_export_user_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ckan_export")),
    )
    op.create_index("ix_ckan_export_project_id_id", "ckan_export", ["project_id", "id"])
    op.create_index("ix_ckan_export_user_id", "ckan_export", ["user_id"])


def downgrade() -> None:
    op.drop_table("ckan_export")
