"""The slot of the task that a volunteer is shown is kept while the next one is drawn ahead of its showing."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from db.functions import script
from db.migrations.script import run_script

revision = "20261129_0070"
down_revision = "20261129_0060"
branch_labels = None
depends_on = None

FORMER = Path(__file__).parent.parent / "former" / "20261129_0070.sql"
"""The function as it was until now."""
INDEX = "ix_assignment_reserved"


def upgrade() -> None:
    run_script(op.get_bind(), script("reserve", "take_over"))
    op.create_index(INDEX, "assignment", ["project_id", "contributor"], postgresql_where=sa.text("state = 'reserved'"))


def downgrade() -> None:
    op.drop_index(INDEX, "assignment")
    run_script(
        op.get_bind(),
        FORMER.read_text() + "\nDROP FUNCTION workbee_reserve(bigint, bigint, text, text, int, text, boolean);",
    )
