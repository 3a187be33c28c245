"""An import tells how many rows were empty, and how its file was read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "20261129_0030"
down_revision = "20261129_0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task_import", sa.Column("n_empty", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("task_import", sa.Column("notes", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False))


def downgrade() -> None:
    op.drop_column("task_import", "notes")
    op.drop_column("task_import", "n_empty")
