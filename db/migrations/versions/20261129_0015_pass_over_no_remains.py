"""What answers leave in the indexes is in nobody's way: cleanups remove it, and looks at deadlines pass over it."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from db.functions import script
from db.migrations.script import run_script

revision = "20261129_0015"
down_revision = "20261129_0014"
branch_labels = None
depends_on = None

FORMER = Path(__file__).parent.parent / "former" / "20261129_0015.sql"
"""The functions as they were until now."""
TABLES = ("task_slots", "assignment")


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} SET (vacuum_index_cleanup = on)")
    op.add_column("project_counter", sa.Column("none_due_before", sa.DateTime(timezone=True), nullable=True))
    run_script(op.get_bind(), script("none_due_before", "draw", "reclaim"))


def downgrade() -> None:
    run_script(op.get_bind(), FORMER.read_text() + "\nDROP FUNCTION workbee_none_due_before(bigint);")
    op.drop_column("project_counter", "none_due_before")
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} RESET (vacuum_index_cleanup)")
