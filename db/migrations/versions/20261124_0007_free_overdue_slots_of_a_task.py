"""An answer to a lent task, and showing it, find the slots free whose deadline has passed, before any draw has."""

from alembic import op

from db.functions import script
from db.migrations.script import run_script

revision = "20261124_0007"
down_revision = "20261124_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(op.get_bind(), script("free_overdue", "submit", "hold"))


def downgrade() -> None:
    """Nothing: the migration before has the same functions, which go with it."""
