"""Invitations to make an account."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_1004"
down_revision = "20261201_1003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.BigInteger(), nullable=True),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.Column("n_left", sa.Integer(), nullable=False),
        sa.CheckConstraint("char_length(code) <= 100", name=op.f("ck_invitation_sizes")),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["users.id"], name=op.f("fk_invitation_invited_by_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("code", name=op.f("uq_invitation_code")),
    )
    op.create_index("ix_invitation_invited_by", "invitation", ["invited_by"])


def downgrade() -> None:
    op.drop_table("invitation")
