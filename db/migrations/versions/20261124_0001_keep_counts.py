"""Triggers: rows that come with others, and counts that follow what they count in the same transaction.

They work on whole statements (transition tables), so that a bulk insert of a million tasks costs one pass more, and not
a million function calls. Submissions count themselves (`db.queries.submitting`), so that they touch no shard but their
own.
"""

from alembic import op

from db.migrations.script import run_script

revision = "20261124_0001"
down_revision = "20261124_0000"
branch_labels = None
depends_on = None

COMPANIONS = """
CREATE FUNCTION workbee_user_added() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  INSERT INTO user_score (user_id) SELECT id FROM added ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER user_added AFTER INSERT ON users REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_user_added();

CREATE FUNCTION workbee_project_added() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  INSERT INTO project_stats (project_id) SELECT id FROM added;
  INSERT INTO project_counter (project_id, shard) SELECT id, 0 FROM added;
  RETURN NULL;
END $$;
CREATE TRIGGER project_added AFTER INSERT ON project REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_project_added();
"""

TASKS = """
CREATE FUNCTION workbee_task_added() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  INSERT INTO task_slots (task_id, project_id, priority_0, created, n_answers, ceiling, completed)
  SELECT id, project_id, priority_0, created, n_answers, n_answers, state = 'completed' FROM added;
  UPDATE project_counter c SET n_tasks = c.n_tasks + n.tasks, n_slots = c.n_slots + n.slots
  FROM (SELECT project_id, count(*) AS tasks, sum(n_answers) AS slots FROM added GROUP BY project_id) n
  WHERE c.project_id = n.project_id AND c.shard = 0;
  RETURN NULL;
END $$;
CREATE TRIGGER task_added AFTER INSERT ON task REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_task_added();

CREATE FUNCTION workbee_task_changed() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  UPDATE task_slots s SET
    n_answers = t.n_answers,
    ceiling = greatest(t.n_answers, s.n_counted + s.n_held),
    priority_0 = t.priority_0,
    completed = (t.state = 'completed')
  FROM new_rows t
  WHERE s.task_id = t.id
    AND (s.n_answers, s.priority_0, s.completed) IS DISTINCT FROM (t.n_answers, t.priority_0, t.state = 'completed');
  UPDATE project_counter c SET n_slots = c.n_slots + n.more
  FROM (SELECT project_id, sum(n) AS more
        FROM (SELECT project_id, n_answers AS n FROM new_rows
              UNION ALL SELECT project_id, -n_answers FROM old_rows) changes
        GROUP BY project_id) n
  WHERE c.project_id = n.project_id AND c.shard = 0 AND n.more <> 0;
  RETURN NULL;
END $$;
CREATE TRIGGER task_changed AFTER UPDATE ON task REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_task_changed();

CREATE FUNCTION workbee_task_removed() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  UPDATE project_counter c SET
    n_tasks = c.n_tasks - n.tasks, n_slots = c.n_slots - n.slots, n_completed_tasks = c.n_completed_tasks - n.completed
  FROM (SELECT project_id, count(*) AS tasks, sum(n_answers) AS slots,
               count(*) FILTER (WHERE state = 'completed') AS completed
        FROM removed GROUP BY project_id) n
  WHERE c.project_id = n.project_id AND c.shard = 0;
  RETURN NULL;
END $$;
CREATE TRIGGER task_removed AFTER DELETE ON task REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_task_removed();
"""

# A removed run gives its place back: its contributor may answer the task again, and every count forgets it.
RUNS = """
CREATE FUNCTION workbee_run_removed() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  DELETE FROM assignment a USING removed r WHERE a.task_id = r.task_id AND a.contributor = r.contributor;
  UPDATE task_slots s SET
    n_counted = s.n_counted - n.counted, n_runs = s.n_runs - n.runs,
    ceiling = greatest(s.n_answers, s.n_counted - n.counted + s.n_held)
  FROM (SELECT task_id, count(*) AS runs, count(*) FILTER (WHERE counted) AS counted FROM removed GROUP BY task_id) n
  WHERE s.task_id = n.task_id;
  UPDATE user_score u SET n_runs = u.n_runs - n.runs
  FROM (SELECT user_id, count(*) AS runs FROM removed WHERE user_id IS NOT NULL GROUP BY user_id) n
  WHERE u.user_id = n.user_id;
  WITH fewer AS (
    UPDATE contributor_progress p SET n_runs = p.n_runs - n.runs
    FROM (SELECT project_id, contributor, count(*) AS runs FROM removed GROUP BY project_id, contributor) n
    WHERE p.project_id = n.project_id AND p.contributor = n.contributor
    RETURNING p.project_id, p.contributor, p.user_id, p.n_runs
  ), gone AS (
    SELECT project_id, count(*) AS volunteers,
           count(*) FILTER (WHERE user_id IS NULL AND contributor NOT LIKE 'ext:%') AS anonymous
    FROM fewer WHERE n_runs <= 0 GROUP BY project_id
  ), runs AS (
    SELECT project_id, count(*) AS runs, count(*) FILTER (WHERE counted) AS counted FROM removed GROUP BY project_id
  )
  UPDATE project_counter c SET
    n_task_runs = c.n_task_runs - runs.runs, n_counted = c.n_counted - runs.counted,
    n_volunteers = c.n_volunteers - coalesce(gone.volunteers, 0),
    n_anonymous = c.n_anonymous - coalesce(gone.anonymous, 0)
  FROM runs LEFT JOIN gone USING (project_id)
  WHERE c.project_id = runs.project_id AND c.shard = 0;
  DELETE FROM contributor_progress p USING (SELECT DISTINCT project_id, contributor FROM removed) r
  WHERE p.project_id = r.project_id AND p.contributor = r.contributor AND p.n_runs <= 0;
  RETURN NULL;
END $$;
CREATE TRIGGER run_removed AFTER DELETE ON task_run REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_run_removed();
"""

RESULTS = """
CREATE FUNCTION workbee_results_changed() RETURNS trigger LANGUAGE plpgsql
  SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    UPDATE project_counter c SET n_results = c.n_results + n.more
    FROM (SELECT project_id, count(*) AS more FROM new_rows
          WHERE info IS NOT NULL AND last_version GROUP BY project_id) n
    WHERE c.project_id = n.project_id AND c.shard = 0;
  ELSIF TG_OP = 'DELETE' THEN
    UPDATE project_counter c SET n_results = c.n_results - n.fewer
    FROM (SELECT project_id, count(*) AS fewer FROM old_rows
          WHERE info IS NOT NULL AND last_version GROUP BY project_id) n
    WHERE c.project_id = n.project_id AND c.shard = 0;
  ELSE
    UPDATE project_counter c SET n_results = c.n_results + n.more
    FROM (SELECT project_id, sum(n) AS more
          FROM (SELECT project_id, 1 AS n FROM new_rows WHERE info IS NOT NULL AND last_version
                UNION ALL SELECT project_id, -1 FROM old_rows WHERE info IS NOT NULL AND last_version) changes
          GROUP BY project_id) n
    WHERE c.project_id = n.project_id AND c.shard = 0 AND n.more <> 0;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER results_added AFTER INSERT ON result REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_results_changed();
CREATE TRIGGER results_changed AFTER UPDATE ON result REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_results_changed();
CREATE TRIGGER results_removed AFTER DELETE ON result REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION workbee_results_changed();
"""

TRIGGERS = (
    ("users", "user_added"),
    ("project", "project_added"),
    ("task", "task_added"),
    ("task", "task_changed"),
    ("task", "task_removed"),
    ("task_run", "run_removed"),
    ("result", "results_added"),
    ("result", "results_changed"),
    ("result", "results_removed"),
)
FUNCTIONS = (
    "workbee_user_added",
    "workbee_project_added",
    "workbee_task_added",
    "workbee_task_changed",
    "workbee_task_removed",
    "workbee_run_removed",
    "workbee_results_changed",
)


def upgrade() -> None:
    for script in (COMPANIONS, TASKS, RUNS, RESULTS):
        run_script(op.get_bind(), script)


def downgrade() -> None:
    for table, trigger in TRIGGERS:
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}()")
