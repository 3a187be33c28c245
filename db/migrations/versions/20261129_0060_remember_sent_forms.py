"""A form that makes something new makes it once, however often it is sent."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_0060"
down_revision = "20261129_0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sent_form",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("target", sa.String(4000), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sent_form"),
    )


def downgrade() -> None:
    op.drop_table("sent_form")
