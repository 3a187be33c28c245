"""The key of the link by which others may try a draft."""

import sqlalchemy as sa
from alembic import op

revision = "20261202_0930"
down_revision = "20261202_0900"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("project", sa.Column("tryout_key", sa.String(length=100), nullable=True))


def downgrade() -> None:
    op.drop_column("project", "tryout_key")
