"""Slots come and go with their task by triggers alone; nothing else may make, remove or move them.

Their foreign key said the same, at the price of a statement a row: reading the task's index, locking the task and
writing that lock down. In an import of a million tasks that was a quarter of the database's work.
"""

from alembic import op

from db.migrations.script import run_script

revision = "20261125_0031"
down_revision = "20261125_0030"
branch_labels = None
depends_on = None

FOREIGN_KEY = "fk_task_slots_project_id_task_id_task"
KEYS = ["project_id", "task_id"]

# The array is searched by the primary key whatever the statistics say, in the order in which everybody locks slots.
REMOVE_SLOTS = "DELETE FROM task_slots s WHERE s.task_id = ANY (ARRAY(SELECT id FROM removed));"


def task_removed(first: str) -> str:
    """What follows the removal of tasks: this, and then the counters."""
    return f"""
CREATE OR REPLACE FUNCTION workbee_task_removed() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  {first}
  UPDATE project_counter c SET
    n_tasks = c.n_tasks - n.tasks, n_slots = c.n_slots - n.slots, n_completed_tasks = c.n_completed_tasks - n.completed
  FROM (SELECT project_id, count(*) AS tasks, sum(n_answers) AS slots,
               count(*) FILTER (WHERE state = 'completed') AS completed
        FROM removed GROUP BY project_id) n
  WHERE c.project_id = n.project_id AND c.shard = 0;
  RETURN NULL;
END $$;
"""


# At depth 0 a statement of somebody's own runs, deeper that of a trigger.
GUARD = """
CREATE FUNCTION workbee_slots_follow_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'slots are made, removed and moved with their task, which stays in its project'
    USING ERRCODE = 'restrict_violation', TABLE = TG_TABLE_NAME, CONSTRAINT = 'slots_follow_tasks';
END $$;
CREATE TRIGGER slots_follow_tasks BEFORE INSERT OR DELETE ON task_slots
  FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION workbee_slots_follow_tasks();
CREATE TRIGGER slots_stay BEFORE UPDATE OF task_id, project_id ON task_slots
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_slots_follow_tasks();
CREATE TRIGGER task_stays BEFORE UPDATE OF id, project_id ON task
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_slots_follow_tasks();
"""


def upgrade() -> None:
    run_script(op.get_bind(), task_removed(REMOVE_SLOTS) + GUARD)
    op.drop_constraint(FOREIGN_KEY, "task_slots", type_="foreignkey")


def downgrade() -> None:
    op.create_foreign_key(FOREIGN_KEY, "task_slots", "task", KEYS, ["project_id", "id"], ondelete="CASCADE")
    op.execute("DROP TRIGGER task_stays ON task")
    op.execute("DROP TRIGGER slots_stay ON task_slots")
    op.execute("DROP TRIGGER slots_follow_tasks ON task_slots")
    op.execute("DROP FUNCTION workbee_slots_follow_tasks()")
    run_script(op.get_bind(), task_removed(""))
