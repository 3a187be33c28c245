"""Accounts at other services by which accounts sign in."""

import sqlalchemy as sa
from alembic import op

revision = "20261202_1100"
down_revision = "20261202_1000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "linked_account",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("label", sa.String(254), nullable=False),
        sa.Column("sealed_tokens", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "char_length(provider) <= 100 AND char_length(subject) <= 255 AND char_length(sealed_tokens) <= 16000",
            name=op.f("ck_linked_account_sizes"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_linked_account_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_linked_account")),
        sa.UniqueConstraint("provider", "subject", name=op.f("uq_linked_account_provider_subject")),
        sa.UniqueConstraint("user_id", "provider", name=op.f("uq_linked_account_user_id_provider")),
    )


def downgrade() -> None:
    op.drop_table("linked_account")
