"""What answers leave behind in the indexes is cleaned up long before a fifth of a large table has changed."""

from alembic import op

revision = "20261128_0011"
down_revision = "20261128_0010"
branch_labels = None
depends_on = None

TABLES = ("task_slots", "assignment")


def upgrade() -> None:
    for table in TABLES:
        op.execute(
            f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.005, autovacuum_vacuum_threshold = 5000)"
        )


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)")
