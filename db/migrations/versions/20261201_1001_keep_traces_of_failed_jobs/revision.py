"""Why jobs failed, for administrators."""

import sqlalchemy as sa
from alembic import op

revision = "20261201_1001"
down_revision = "20261201_1000"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_failure",
        sa.Column("job_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("trace", sa.Text(), nullable=False),
        sa.CheckConstraint("char_length(trace) <= 64000", name=op.f("ck_job_failure_sizes")),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_job_failure")),
    )


def downgrade() -> None:
    op.drop_table("job_failure")
