"""Accounts that nobody is let in with for a while, and why."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_1003"
down_revision = "20261201_1002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("suspended_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("users", sa.Column("suspended_reason", sa.String(length=500), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "suspended_reason")
    op.drop_column("users", "suspended_until")
