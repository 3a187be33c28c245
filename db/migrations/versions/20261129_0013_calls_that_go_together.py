"""Draws, holds and answers that come at the same time may share a transaction, in which none waits for another."""

from pathlib import Path

from alembic import op

from db.functions import script
from db.migrations.script import run_script

revision = "20261129_0013"
down_revision = "20261128_0012"
branch_labels = None
depends_on = None

FUNCTIONS = {
    "list_from": "bigint, text, text",
    "draw": "bigint, text, text, boolean, boolean, boolean, int, int, int, text",
    "hold": "bigint, bigint, text, int, text",
    "submit": "bigint, bigint, text, bigint, text, text, text, int, int, jsonb, text, boolean, text",
}
"""With the arguments that they had; now there is one more, `p_alone`."""
FORMER = Path(__file__).parent.parent / "former" / "20261129_0013.sql"
"""The same functions as they were until now."""


def upgrade() -> None:
    run_script(op.get_bind(), _dropped("") + script(*FUNCTIONS))


def downgrade() -> None:
    run_script(op.get_bind(), _dropped(", boolean") + FORMER.read_text())


def _dropped(more: str) -> str:
    return "".join(f"DROP FUNCTION IF EXISTS workbee_{name}({types}{more});\n" for name, types in FUNCTIONS.items())
