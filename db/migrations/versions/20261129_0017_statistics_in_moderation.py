"""How long a project's statistics have taken decides when they are made again."""

import sqlalchemy as sa
from alembic import op

revision = "20261129_0017"
down_revision = "20261129_0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "project_stats", sa.Column("refresh_seconds", sa.Double(), server_default=sa.text("0"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("project_stats", "refresh_seconds")
