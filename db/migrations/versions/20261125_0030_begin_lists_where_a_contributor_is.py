"""A draw begins where the contributor has got to, so that it costs the same however much they have answered.

`contributor_progress` remembers a place in one order (`list_from`): before it nothing is left that this contributor
could be given, as everything is complete or answered by them. It moves on at every 32nd answer. It is good as long as
nothing was rearranged meanwhile: tasks added, reopened or given another priority, runs removed; triggers count these
in `project_counter.rearranged`. It is a hint all the same: `{}` is said only after looking from the beginning.
"""

from importlib import import_module
from typing import Any

import sqlalchemy as sa
from alembic import op

from db.migrations.script import run_script

revision = "20261125_0030"
down_revision = "20261125_0022"
branch_labels = None
depends_on = None

BEFORE = import_module("db.migrations.versions.20261125_0020_fix_plans_of_draws")
FIRST = BEFORE.BEFORE

STATE = """coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent')"""
PLACES = {
    "s.task_id": ("s.project_id, s.task_id", "(s.project_id, s.task_id) >= (p_project, v_from)"),
    "s.priority_0 DESC, s.task_id": (
        "s.project_id, -s.priority_0, s.task_id",
        "(s.project_id, -s.priority_0, s.task_id) >= (p_project, v_priority, v_from)",
    ),
    "s.created, s.task_id": (
        "s.project_id, s.created, s.task_id",
        "(s.project_id, s.created, s.task_id) >= (p_project, v_created, v_from)",
    ),
}
"""The orders that can begin at a place: how their index has it, and what comes at that place or after it."""

BEGIN = """
  v_from bigint := coalesce(p_from, 0);
  v_priority double precision := '-Infinity';
  v_created timestamptz := '-infinity';
BEGIN
  IF p_from IS NOT NULL THEN
    SELECT -s.priority_0, s.created INTO v_priority, v_created FROM task_slots s WHERE s.task_id = p_from;
    IF NOT FOUND THEN
      v_from := 0;
      v_priority := '-Infinity';
      v_created := '-infinity';
    END IF;
  END IF;"""


def placed(order: str) -> tuple[str, str]:
    """The index's order for this one, and the condition that begins it; breadth first always begins at the start."""
    return PLACES.get(order, (f"s.project_id, {order}", "s.project_id >= p_project"))


def branches(form: str, orders: list[str]) -> str:
    """A branch for each order, in this form."""
    made = ""
    for number, order in enumerate(orders):
        index, begins = placed(order)
        body = form.format(order=order, index=index, begins=f"{begins} AND s.project_id <= p_project AND s.is_open")
        made += f"""
  {"ELSIF" if number else "IF"} p_order = '{order}'{body}"""
    return made


ORDERS = [", ".join(keys) for keys in FIRST.INDEXED]
OPEN = f"WHERE {{begins}} AND {STATE} = 'lent'"

FIRST_OPEN = f"""
CREATE FUNCTION workbee_first_open(p_project bigint, p_contributor text, p_order text, p_wait boolean, p_from bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_task bigint;{BEGIN}""" + branches(
    f""" AND p_wait THEN
    SELECT s.task_id INTO v_task FROM task_slots s {OPEN} ORDER BY {{index}} LIMIT 1 FOR UPDATE OF s;
  ELSIF p_order = '{{order}}' THEN
    SELECT s.task_id INTO v_task FROM task_slots s {OPEN} ORDER BY {{index}} LIMIT 1 FOR UPDATE OF s SKIP LOCKED;""",
    ORDERS,
)

LIST = f"""
CREATE FUNCTION workbee_list(p_project bigint, p_contributor text, p_order text, p_any boolean, p_held bigint,
  p_without bigint, p_limit int, p_offset int, p_from bigint)
RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE{BEGIN}""" + branches(
    f""" AND NOT p_any THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s {OPEN} ORDER BY {{index}} LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY {{order}} LIMIT p_limit OFFSET p_offset;""",
    ORDERS,
)

# Stable, so that both parts see the same moment. A task that is not complete and not open is held by somebody.
FIRST_UNANSWERED = (
    f"""
CREATE FUNCTION workbee_first_unanswered(p_project bigint, p_contributor text, p_order text, p_from bigint)
RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_task bigint;{BEGIN}"""
    + branches(
        f""" THEN
    SELECT s.task_id INTO v_task FROM (
      (SELECT s.* FROM task_slots s WHERE {{begins}} AND {STATE} NOT IN ('counted', 'surplus')
       ORDER BY {{index}} LIMIT 1)
      UNION ALL
      (SELECT s.* FROM assignment h JOIN task_slots s ON s.task_id = h.task_id
       WHERE h.project_id = p_project AND h.state IN ('held', 'reserved') AND NOT s.completed
         AND {STATE} NOT IN ('counted', 'surplus'))
    ) s ORDER BY {{order}} LIMIT 1;""",
        list(PLACES),
    )
    + """
  END IF;
  RETURN v_task;
END $$;
"""
)

# Where this contributor's list begins in this order, moved on if it is time; null where it is the beginning.
LIST_FROM = """
CREATE FUNCTION workbee_list_from(p_project bigint, p_contributor text, p_order text) RETURNS bigint LANGUAGE plpgsql
AS $$
DECLARE
  v_rearranged bigint;
  v_from bigint;
  v_since bigint;
  v_next bigint;
BEGIN
  -- Read before the list is: what is rearranged later makes the place invalid.
  SELECT c.rearranged INTO v_rearranged FROM project_counter c WHERE c.project_id = p_project AND c.shard = 0;
  SELECT CASE WHEN is_good THEN p.list_from END, CASE WHEN is_good THEN p.n_runs - p.list_runs ELSE p.n_runs END
  INTO v_from, v_since
  FROM contributor_progress p, LATERAL (
    SELECT coalesce(p.list_order = p_order AND p.list_rearranged = v_rearranged, false) AS is_good
  ) known
  WHERE p.project_id = p_project AND p.contributor = p_contributor;
  IF coalesce(v_since, 0) < 32 THEN
    RETURN v_from;
  END IF;
  v_next := workbee_first_unanswered(p_project, p_contributor, p_order, v_from);
  IF v_next IS NULL THEN
    RETURN v_from;
  END IF;
  UPDATE contributor_progress p SET list_order = p_order, list_rearranged = v_rearranged, list_from = v_next,
    list_runs = p.n_runs
  WHERE p.project_id = p_project AND p.contributor = p_contributor;
  RETURN v_next;
END $$;
"""

REARRANGED = """
CREATE FUNCTION workbee_rearranged() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
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
CREATE TRIGGER task_added_rearranges AFTER INSERT ON task REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_rearranged();
CREATE TRIGGER task_changed_rearranges AFTER UPDATE ON task REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_rearranged();
CREATE TRIGGER run_removed_rearranges AFTER DELETE ON task_run REFERENCING OLD TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_rearranged();
"""

BEFORE_FIRST = """
  IF NOT p_any THEN
    v_from := workbee_list_from(p_project, p_contributor, p_order);
  END IF;
  IF p_holds AND p_offset = 0 THEN
    v_first := workbee_first_open(p_project, p_contributor, p_order, false, v_from);"""
AFTER_LIST = """p_limit, p_offset, v_from) l);
    IF v_from IS NOT NULL AND cardinality(v_ids) < p_limit THEN
      v_ids := ARRAY(SELECT l FROM workbee_list(p_project, p_contributor, p_order, p_any, v_held, NULL,
                                                p_limit, p_offset, NULL) l);
    END IF;
  END IF;"""
DRAW_CHANGES = (
    ("  v_ids bigint[];\n", "  v_ids bigint[];\n  v_from bigint;\n"),
    (
        """
  IF p_holds AND p_offset = 0 THEN
    v_first := workbee_first_open(p_project, p_contributor, p_order, false);""",
        BEFORE_FIRST,
    ),
    ("p_contributor, p_order, true)", "p_contributor, p_order, true, NULL)"),
    ("p_limit - 1, 0) l", "p_limit - 1, 0, v_from) l"),
    ("p_limit, p_offset) l);\n  END IF;", AFTER_LIST),
)
"""What is different in the function that draws."""


def draw() -> str:
    script: str = BEFORE.by_index(FIRST.DRAW)
    for old, new in DRAW_CHANGES:
        if old not in script:
            raise AssertionError(old)
        script = script.replace(old, new)
    return script


def tail_of(script: str) -> str:
    """What a function does with orders that no index has."""
    return script[script.index("\n  ELSE\n") :]


SIGNATURES = (
    "workbee_first_open(bigint, text, text, boolean, bigint)",
    "workbee_list(bigint, text, text, boolean, bigint, bigint, int, int, bigint)",
    "workbee_first_unanswered(bigint, text, text, bigint)",
    "workbee_list_from(bigint, text, text)",
)
OLD_SIGNATURES = (
    "workbee_first_open(bigint, text, text, boolean)",
    "workbee_list(bigint, text, text, boolean, bigint, bigint, int, int)",
)
COLUMNS: dict[str, sa.types.TypeEngine[Any]] = {
    "list_order": sa.Text(),
    "list_from": sa.BigInteger(),
    "list_rearranged": sa.BigInteger(),
    "list_runs": sa.BigInteger(),
}
PRIORITY = "ix_task_slots_open_priority"


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("contributor_progress", sa.Column(name, kind, nullable=True))
    op.add_column("project_counter", sa.Column("rearranged", sa.BigInteger(), nullable=False, server_default="0"))
    op.drop_index(PRIORITY, "task_slots")
    op.create_index(
        PRIORITY,
        "task_slots",
        ["project_id", sa.text("(- priority_0)"), "task_id"],
        postgresql_where=sa.text("is_open"),
    )
    for signature in OLD_SIGNATURES:
        op.execute(f"DROP FUNCTION {signature}")
    first_open = FIRST_OPEN + tail_of(BEFORE.first_open())
    for script in (first_open, LIST + tail_of(BEFORE.listed()), FIRST_UNANSWERED, LIST_FROM, REARRANGED, draw()):
        run_script(op.get_bind(), script)


def downgrade() -> None:
    for trigger in ("task_added_rearranges", "task_changed_rearranges"):
        op.execute(f"DROP TRIGGER {trigger} ON task")
    op.execute("DROP TRIGGER run_removed_rearranges ON task_run")
    op.execute("DROP FUNCTION workbee_rearranged()")
    for signature in SIGNATURES:
        op.execute(f"DROP FUNCTION {signature}")
    for script in (BEFORE.first_open(), BEFORE.listed(), BEFORE.by_index(FIRST.DRAW)):
        run_script(op.get_bind(), script)
    op.drop_index(PRIORITY, "task_slots")
    op.create_index(
        PRIORITY,
        "task_slots",
        ["project_id", sa.text("priority_0 DESC"), "task_id"],
        postgresql_where=sa.text("is_open"),
    )
    op.drop_column("project_counter", "rearranged")
    for name in COLUMNS:
        op.drop_column("contributor_progress", name)
