"""Signing out ends a session on the server, too."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_0040"
down_revision = "20261129_0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revocation",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("credential", sa.String(64), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("session_epoch", sa.Integer(), nullable=True),
        sa.CheckConstraint("(credential IS NULL) = (user_id IS NOT NULL)", name=op.f("ck_revocation_of_one_kind")),
        sa.CheckConstraint("(user_id IS NULL) = (session_epoch IS NULL)", name=op.f("ck_revocation_epoch_of_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocation")),
    )
    op.create_index(
        "ix_revocation_credential", "revocation", ["credential"], postgresql_where=sa.text("credential IS NOT NULL")
    )
    op.create_index("ix_revocation_created", "revocation", ["created"])


def downgrade() -> None:
    op.drop_table("revocation")
