"""Drawing, holding and answering as one call each (docs/assignment.md), with what their functions need.

A function costs one round trip and no transaction block, and its statements keep their plans. Such a plan must be right
for ever, so each statement asks for an order that only the meant index has. Slots come and go with their tasks by
triggers: a foreign key said the same at the price of a statement a row, a quarter of the work of an import.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

from db.functions import script
from db.migrations.script import run_script

revision = "20261124_0006"
down_revision = "20261124_0005"
branch_labels = None
depends_on = None

FUNCTIONS = {
    "outdated": "",
    "comes_first": "text, bigint, bigint",
    "first_open": "bigint, text, text, boolean, bigint",
    "list": "bigint, text, text, boolean, bigint, bigint, int, int, bigint",
    "first_unanswered": "bigint, text, text, bigint",
    "list_from": "bigint, text, text",
    "reclaim": "bigint, boolean",
    "free_overdue": "bigint",
    "take_over": "bigint, text, int",
    "draw": "bigint, text, text, boolean, boolean, boolean, int, int, int, text",
    "hold": "bigint, bigint, text, int, text",
    "submit": "bigint, bigint, text, bigint, text, text, text, int, int, jsonb, text, text",
    "rearranged": "",
    "slots_follow_tasks": "",
}
PLACE: dict[str, sa.types.TypeEngine[Any]] = {
    "list_order": sa.Text(),
    "list_from": sa.BigInteger(),
    "list_rearranged": sa.BigInteger(),
    "list_runs": sa.BigInteger(),
}
"""Where a contributor's list begins."""

TRIGGERS = """
CREATE TRIGGER task_added_rearranges AFTER INSERT ON task REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_rearranged();
CREATE TRIGGER task_changed_rearranges AFTER UPDATE ON task REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_rearranged();
CREATE TRIGGER run_removed_rearranges AFTER DELETE ON task_run REFERENCING OLD TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_rearranged();
-- At depth 0 a statement of somebody's own runs, deeper that of a trigger.
CREATE TRIGGER slots_follow_tasks BEFORE INSERT OR DELETE ON task_slots
  FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION workbee_slots_follow_tasks();
CREATE TRIGGER slots_stay BEFORE UPDATE OF task_id, project_id ON task_slots
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_slots_follow_tasks();
CREATE TRIGGER task_stays BEFORE UPDATE OF id, project_id ON task
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_slots_follow_tasks();
"""
NO_TRIGGERS = """
DROP TRIGGER task_added_rearranges ON task;
DROP TRIGGER task_changed_rearranges ON task;
DROP TRIGGER run_removed_rearranges ON task_run;
DROP TRIGGER slots_follow_tasks ON task_slots;
DROP TRIGGER slots_stay ON task_slots;
DROP TRIGGER task_stays ON task;
"""
SLOTS_OF_TASK = "fk_task_slots_project_id_task_id_task"


def upgrade() -> None:
    op.add_column("project_counter", sa.Column("ln_seconds", sa.Double(), nullable=True))
    op.add_column("project_counter", sa.Column("rearranged", sa.BigInteger(), nullable=False, server_default="0"))
    for name, kind in PLACE.items():
        op.add_column("contributor_progress", sa.Column(name, kind, nullable=True))
    op.drop_index("ix_assignment_contributor", "assignment")
    op.create_index("ix_assignment_contributor", "assignment", ["contributor", "project_id", "task_id"])
    _index_priority("(- priority_0)")
    op.create_index(
        "ix_task_slots_open_runs_priority",
        "task_slots",
        ["project_id", "n_runs", text("priority_0 DESC"), "task_id"],
        postgresql_where=text("is_open"),
    )
    run_script(op.get_bind(), script(*FUNCTIONS, "task_removed") + TRIGGERS)
    op.drop_constraint(SLOTS_OF_TASK, "task_slots", type_="foreignkey")


def _index_priority(key: str) -> None:
    op.drop_index("ix_task_slots_open_priority", "task_slots")
    op.create_index(
        "ix_task_slots_open_priority",
        "task_slots",
        ["project_id", text(key), "task_id"],
        postgresql_where=text("is_open"),
    )


def downgrade() -> None:
    op.create_foreign_key(
        SLOTS_OF_TASK, "task_slots", "task", ["project_id", "task_id"], ["project_id", "id"], ondelete="CASCADE"
    )
    # Removing a task removes its slots by the key again; that the trigger's function tries it first does no harm.
    run_script(op.get_bind(), NO_TRIGGERS)
    for name, arguments in FUNCTIONS.items():
        op.execute(f"DROP FUNCTION workbee_{name}({arguments})")
    op.drop_index("ix_task_slots_open_runs_priority", "task_slots")
    _index_priority("priority_0 DESC")
    op.drop_index("ix_assignment_contributor", "assignment")
    op.create_index("ix_assignment_contributor", "assignment", ["project_id", "contributor", "task_id"])
    for name in PLACE:
        op.drop_column("contributor_progress", name)
    op.drop_column("project_counter", "rearranged")
    op.drop_column("project_counter", "ln_seconds")
