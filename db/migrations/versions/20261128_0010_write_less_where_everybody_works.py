"""An answer changes no index of `task_slots` unless its project hands out breadth first; who asks again for the task
that they hold writes nothing; and lists begin closer to what is left, whatever others hold before that."""

from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import ARRAY

from db.functions import script
from db.migrations.script import run_script

revision = "20261128_0010"
down_revision = "20261128_0009"
branch_labels = None
depends_on = None

FUNCTIONS = ("comes_first", "first_open", "list", "first_unanswered", "list_from", "draw", "submit", "run_removed")
FORMER = Path(__file__).parent.parent / "former" / "20261128_0010.sql"
"""The same functions as they were until now."""
SUBMIT = "bigint, bigint, text, bigint, text, text, text, int, int, jsonb, text"
FORMER_ARGUMENTS = {
    "first_open": "bigint, text, text, boolean, bigint",
    "list": "bigint, text, text, boolean, bigint, bigint, int, int, bigint",
    "first_unanswered": "bigint, text, text, bigint",
    "list_from": "bigint, text, text",
    "submit": f"{SUBMIT}, text",
}
ARGUMENTS = {
    "first_open": "bigint, text, text, boolean, bigint, bigint[]",
    "list": "bigint, text, text, boolean, bigint, bigint, int, int, bigint, bigint[]",
    "first_unanswered": "bigint, text, text, bigint, bigint[]",
    "list_from": "bigint, text, text",
    "submit": f"{SUBMIT}, boolean, text",
}
TRIGGER = """
CREATE TRIGGER breadth_begins AFTER UPDATE OF info ON project FOR EACH ROW
  WHEN (NEW.info ->> 'sched' = 'breadth_first' AND OLD.info ->> 'sched' IS DISTINCT FROM 'breadth_first')
  EXECUTE FUNCTION workbee_breadth_begins();
UPDATE task_slots s SET breadth = s.n_runs FROM project p
WHERE p.id = s.project_id AND p.info ->> 'sched' = 'breadth_first' AND s.n_runs > 0;
"""
NO_TRIGGER = """
DROP TRIGGER breadth_begins ON project;
DROP FUNCTION workbee_breadth_begins();
"""


def upgrade() -> None:
    op.add_column("task_slots", sa.Column("breadth", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("contributor_progress", sa.Column("list_holes", ARRAY(sa.BigInteger()), nullable=True))
    _drop_indexes("runs")
    run_script(op.get_bind(), _dropped(FORMER_ARGUMENTS) + script(*FUNCTIONS, "breadth_begins") + TRIGGER)
    _create_indexes("breadth", "breadth")


def downgrade() -> None:
    _drop_indexes("breadth")
    run_script(op.get_bind(), NO_TRIGGER + _dropped(ARGUMENTS) + FORMER.read_text())
    # A place is good in the former sense only where nothing was left out before it.
    op.execute("UPDATE contributor_progress SET list_order = NULL WHERE list_holes IS NOT NULL")
    op.drop_column("contributor_progress", "list_holes")
    op.drop_column("task_slots", "breadth")
    _create_indexes("runs", "n_runs")


def _dropped(arguments: Mapping[str, str]) -> str:
    return "".join(f"DROP FUNCTION IF EXISTS workbee_{name}({types});\n" for name, types in arguments.items())


def _drop_indexes(name: str) -> None:
    for suffix in ("", "_priority"):
        op.drop_index(f"ix_task_slots_open_{name}{suffix}", "task_slots")


def _create_indexes(name: str, column: str) -> None:
    for suffix, keys in (("", []), ("_priority", [text("priority_0 DESC")])):
        op.create_index(
            f"ix_task_slots_open_{name}{suffix}",
            "task_slots",
            ["project_id", column, *keys, "task_id"],
            postgresql_where=text("is_open"),
        )
