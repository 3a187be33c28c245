"""Drawing, holding and answering check the project's version themselves, and answers do not queue for a counter."""

from alembic import op

from db.functions import script
from db.migrations.script import run_script

revision = "20261128_0008"
down_revision = "20261124_0007"
branch_labels = None
depends_on = None

# Made by this migration's predecessor in databases of before; its functions there have the same names.
FORMER = """
DROP FUNCTION IF EXISTS workbee_draw(bigint, text, text, boolean, boolean, boolean, int, int, int);
DROP FUNCTION IF EXISTS workbee_hold(bigint, bigint, text, int);
DROP FUNCTION IF EXISTS workbee_submit(bigint, bigint, text, bigint, text, text, text, int, int, jsonb, text);
DROP FUNCTION IF EXISTS workbee_expect(bigint, text);
"""


def upgrade() -> None:
    functions = script("outdated", "first_open", "list", "first_unanswered", "list_from", "draw", "hold", "submit")
    run_script(op.get_bind(), FORMER + functions)


def downgrade() -> None:
    """Nothing: the migration that made these functions has them as they are now, and takes them away."""
