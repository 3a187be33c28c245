"""Draws read by the one index that is meant, whatever the statistics say of the tables.

Their plans are kept, and one made while a table was small, or all of one project, stays when it no longer is. So each
statement asks for an order that only the meant index has; a range of one project, rather than an equality, keeps the
project in the order where the primary key would do otherwise. And whether somebody has answered a task is a subquery
of its own, which cannot become a join over all that they ever did. Assignments are indexed by contributor first, as
adoption and leaving look for them.

Breadth first by priority, which browsers ask for, gets an index of its own.
"""

from importlib import import_module

from alembic import op
from sqlalchemy import text

from db.migrations.script import run_script

revision = "20261125_0020"
down_revision = "20261124_0006"
branch_labels = None
depends_on = None

BEFORE = import_module("db.migrations.versions.20261124_0006_draw_and_submit_in_one_call")

OPEN = """
      WHERE s.project_id >= p_project AND s.project_id <= p_project AND s.is_open
        AND coalesce((SELECT a.state FROM assignment a WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                     'lent') = 'lent'"""


def first_open() -> str:
    """The branches of `workbee_first_open`: one order each, passing over locked rows or waiting for them."""
    branches = "".join(
        f"""
  {"IF" if number == 0 else "ELSIF"} p_order = '{", ".join(keys)}' THEN
    IF p_wait THEN
      SELECT s.task_id INTO v_task FROM task_slots s {OPEN}
      ORDER BY s.project_id, {", ".join(keys)} LIMIT 1 FOR UPDATE OF s;
    ELSE
      SELECT s.task_id INTO v_task FROM task_slots s {OPEN}
      ORDER BY s.project_id, {", ".join(keys)} LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
    END IF;"""
        for number, keys in enumerate(BEFORE.INDEXED)
    )
    return f"""
CREATE OR REPLACE FUNCTION workbee_first_open(p_project bigint, p_contributor text, p_order text, p_wait boolean)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_task bigint;
BEGIN{branches}
  ELSE
    EXECUTE format('SELECT s.task_id FROM task_slots s JOIN task t ON t.id = s.task_id
      WHERE s.project_id = $1 AND s.is_open
        AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.task_id = s.task_id AND a.contributor = $2
                        AND a.state <> ''lent'')
      ORDER BY %s LIMIT 1 FOR UPDATE OF s %s', p_order, CASE WHEN p_wait THEN '' ELSE 'SKIP LOCKED' END)
    INTO v_task USING p_project, p_contributor;
  END IF;
  RETURN v_task;
END $$;
"""


def listed() -> str:
    """The branches of `workbee_list`: the contributor's list in one order each, their own task among the open ones."""
    branches = "".join(
        f"""
  {"IF" if number == 0 else "ELSIF"} p_order = '{", ".join(keys)}' AND NOT p_any THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s {OPEN} ORDER BY s.project_id, {", ".join(keys)} LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY {", ".join(keys)} LIMIT p_limit OFFSET p_offset;"""
        for number, keys in enumerate(BEFORE.INDEXED)
    )
    begins = BEFORE.listed().index("\n  ELSE\n")
    return f"""
CREATE OR REPLACE FUNCTION workbee_list(p_project bigint, p_contributor text, p_order text, p_any boolean,
  p_held bigint, p_without bigint, p_limit int, p_offset int)
RETURNS SETOF bigint LANGUAGE plpgsql AS $$
BEGIN{branches}{BEFORE.listed()[begins:]}"""


OVERDUE = """a.project_id = p_project AND a.state IN ('held', 'reserved') AND a.deadline <= now()"""
HELD = """a.project_id = p_project AND a.contributor = p_contributor AND a.state = 'held'"""
HELD_BY_INDEX = """(a.project_id, a.contributor) >= (p_project, p_contributor)
    AND (a.project_id, a.contributor) <= (p_project, p_contributor) AND a.state = 'held'
  ORDER BY a.project_id, a.contributor LIMIT 1"""
CHANGES = (
    (f"{OVERDUE}\n    ORDER BY a.task_id LIMIT 100", f"{OVERDUE}\n    ORDER BY a.deadline LIMIT 100"),
    (f"{OVERDUE})", f"{OVERDUE}\n             ORDER BY a.deadline LIMIT 1)"),
    (HELD, HELD_BY_INDEX),
    ("ORDER BY a.requested_at LIMIT 1", "ORDER BY a.deadline LIMIT 1"),
    ("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
)
"""What is different in the functions that reclaim, take over and draw."""


def by_index(script: str) -> str:
    for old, new in CHANGES:
        script = script.replace(old, new)
    return script


def upgrade() -> None:
    op.drop_index("ix_assignment_contributor", "assignment")
    op.create_index("ix_assignment_contributor", "assignment", ["contributor", "project_id", "task_id"])
    op.create_index(
        "ix_task_slots_open_runs_priority",
        "task_slots",
        ["project_id", "n_runs", text("priority_0 DESC"), "task_id"],
        postgresql_where=text("is_open"),
    )
    for script in (first_open(), listed(), by_index(BEFORE.SLOTS), by_index(BEFORE.DRAW)):
        run_script(op.get_bind(), script)


def downgrade() -> None:
    for script in (BEFORE.first_open(), BEFORE.listed(), BEFORE.SLOTS, BEFORE.DRAW):
        run_script(op.get_bind(), script.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    op.drop_index("ix_task_slots_open_runs_priority", "task_slots")
    op.drop_index("ix_assignment_contributor", "assignment")
    op.create_index("ix_assignment_contributor", "assignment", ["project_id", "contributor", "task_id"])
