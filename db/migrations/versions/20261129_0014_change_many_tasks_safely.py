"""Many tasks are changed safely whatever the statistics say; what is left is looked for from the remembered place."""

from pathlib import Path

from alembic import op

from db.functions import script
from db.migrations.script import run_script

revision = "20261129_0014"
down_revision = "20261129_0013"
branch_labels = None
depends_on = None

FORMER = Path(__file__).parent.parent / "former" / "20261129_0014.sql"
"""The trigger's function as it was until now."""


def upgrade() -> None:
    run_script(op.get_bind(), script("task_changed", "anything_left"))


def downgrade() -> None:
    run_script(op.get_bind(), "DROP FUNCTION workbee_anything_left(bigint, text);\n" + FORMER.read_text())
