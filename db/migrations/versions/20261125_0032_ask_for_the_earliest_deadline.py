"""Overdue slots are looked for from the earliest deadline, and tasks that come last rearrange nothing.

PostgreSQL drops the order within EXISTS, and with it the choice of the index: a plan made at a bad moment then read
every slot that was ever held in the project. A scalar subquery keeps it.
"""

from importlib import import_module

from alembic import op

from db.migrations.script import run_script

revision = "20261125_0032"
down_revision = "20261125_0031"
branch_labels = None
depends_on = None

BEFORE = import_module("db.migrations.versions.20261125_0030_begin_lists_where_a_contributor_is")

# Later tasks of the lowest priority come after all that are open, in each order that has places.
REARRANGED = """
CREATE OR REPLACE FUNCTION workbee_rearranged() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NOT EXISTS (
      SELECT 1 FROM (SELECT project_id, max(priority_0) AS highest FROM new_rows GROUP BY project_id) n
      WHERE n.highest > (SELECT s.priority_0 FROM task_slots s WHERE s.project_id = n.project_id AND s.is_open
                         ORDER BY s.project_id DESC, -s.priority_0 DESC, s.task_id DESC LIMIT 1)
    ) THEN
      RETURN NULL;
    END IF;
  ELSIF TG_OP = 'UPDATE' THEN
    -- A completed task leaves every list, and changes no other place.
    IF NOT EXISTS (SELECT id, priority_0, n_answers, state FROM new_rows WHERE state = 'ongoing'
                   EXCEPT SELECT id, priority_0, n_answers, state FROM old_rows) THEN
      RETURN NULL;
    END IF;
  END IF;
  UPDATE project_counter c SET rearranged = c.rearranged + 1
  FROM (SELECT DISTINCT project_id FROM new_rows) n WHERE c.project_id = n.project_id AND c.shard = 0;
  RETURN NULL;
END $$;
"""


def draw() -> str:
    """As before, without EXISTS."""
    script = BEFORE.draw()
    exists = "IF EXISTS (SELECT 1 FROM assignment a"
    if exists not in script:
        raise AssertionError(exists)
    return str(script.replace(exists, "IF (SELECT true FROM assignment a"))


def upgrade() -> None:
    for script in (REARRANGED, draw()):
        run_script(op.get_bind(), script)


def downgrade() -> None:
    before = BEFORE.REARRANGED[: BEFORE.REARRANGED.index("CREATE TRIGGER")]
    run_script(op.get_bind(), before.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    run_script(op.get_bind(), BEFORE.draw())
