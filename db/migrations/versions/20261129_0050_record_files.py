"""Files are rows, with an owner and the row that shows them."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_0050"
down_revision = "20261129_0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "file",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("container", sa.String(64), nullable=False),
        sa.Column("name", sa.String(106), nullable=False),
        sa.Column("content_type", sa.String(100), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column("attached_to", sa.String(30), nullable=True),
        sa.Column("attached_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("attached_id IS NULL OR attached_to IS NOT NULL", name=op.f("ck_file_attached_to_a_table")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_file_owner_id_users"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_file_project_id_project"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
        sa.UniqueConstraint("container", "name", name=op.f("uq_file_container_name")),
    )
    op.create_index("ix_file_owner_id", "file", ["owner_id"])
    op.create_index("ix_file_project_id", "file", ["project_id"])
    op.create_index("ix_file_created", "file", ["created"], postgresql_where=sa.text("attached_id IS NULL"))
    op.create_index(
        "uq_file_attached_to_attached_id",
        "file",
        ["attached_to", "attached_id"],
        unique=True,
        postgresql_where=sa.text("attached_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("file")
