"""An answer to a task that one holds looks at nothing first; a project that comes to hand out breadth first locks its
slots in the order in which all others do."""

from alembic import op

from db.functions import script
from db.migrations.script import run_script

revision = "20261128_0012"
down_revision = "20261128_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(op.get_bind(), script("submit", "breadth_begins"))


def downgrade() -> None:
    """Nothing: both do the same as before, for the same arguments."""
