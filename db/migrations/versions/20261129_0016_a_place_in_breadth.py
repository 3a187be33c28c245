"""Contributors have their place where breadth comes first, too, and what comes before a place is always noticed."""

from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa
from alembic import op

from db.functions import script
from db.migrations.script import run_script

revision = "20261129_0016"
down_revision = "20261129_0015"
branch_labels = None
depends_on = None

FORMER = Path(__file__).parent.parent / "former" / "20261129_0016.sql"
"""The functions as they were until now."""
FUNCTIONS = (
    "first_open",
    "list",
    "first_unanswered",
    "list_from",
    "draw",
    "anything_left",
    "rearranged",
    "breadth_begins",
)
FORMER_ARGUMENTS = {
    "first_open": "bigint, text, text, boolean, bigint, bigint[]",
    "list": "bigint, text, text, boolean, bigint, bigint, int, int, bigint, bigint[]",
    "first_unanswered": "bigint, text, text, bigint, bigint[]",
}
"""Of those whose arguments change: a place is one of them now, with its breadth."""
ARGUMENTS = {
    "first_open": "bigint, text, text, boolean, bigint[]",
    "list": "bigint, text, text, boolean, bigint, bigint, int, int, bigint[]",
    "first_unanswered": "bigint, text, text, bigint[]",
}
INDEX = "ix_task_slots_open_breadth_priority"


def upgrade() -> None:
    op.add_column("contributor_progress", sa.Column("list_breadth", sa.Integer(), nullable=True))
    op.add_column("project_counter", sa.Column("lowest_priority", sa.Double(), nullable=True))
    run_script(op.get_bind(), _dropped(FORMER_ARGUMENTS) + script(*FUNCTIONS))
    # Places of before may have missed what was added.
    op.execute(
        """UPDATE project_counter c SET lowest_priority = n.lowest, rearranged = c.rearranged + 1
           FROM (SELECT project_id, min(priority_0) AS lowest FROM task_slots GROUP BY project_id) n
           WHERE c.project_id = n.project_id AND c.shard = 0"""
    )
    # All in one direction, so that a place in it can be told by one comparison.
    _replace_index("(- priority_0)")


def downgrade() -> None:
    _replace_index("priority_0 DESC")
    run_script(op.get_bind(), _dropped(ARGUMENTS) + FORMER.read_text())
    op.execute("UPDATE contributor_progress SET list_order = NULL WHERE list_order LIKE 's.breadth%'")
    op.drop_column("contributor_progress", "list_breadth")
    op.drop_column("project_counter", "lowest_priority")


def _dropped(arguments: Mapping[str, str]) -> str:
    return "".join(f"DROP FUNCTION IF EXISTS workbee_{name}({types});\n" for name, types in arguments.items())


def _replace_index(priority: str) -> None:
    op.drop_index(INDEX, "task_slots")
    op.create_index(
        INDEX,
        "task_slots",
        ["project_id", "breadth", sa.text(priority), "task_id"],
        postgresql_where=sa.text("is_open"),
    )
