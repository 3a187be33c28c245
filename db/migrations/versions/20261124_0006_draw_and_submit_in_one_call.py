"""Drawing and answering as one call each, and the pace of a project.

A function costs one round trip and no transaction block, and its statements keep their plans. Orders that an index
serves have statements of their own; the rest are planned at each call.
"""

import sqlalchemy as sa
from alembic import op

from db.migrations.script import run_script

revision = "20261124_0006"
down_revision = "20261124_0005"
branch_labels = None
depends_on = None

OPEN = """
      WHERE s.project_id = p_project AND s.is_open
        AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.task_id = s.task_id AND a.contributor = p_contributor
                        AND a.state <> 'lent')"""

INDEXED = (
    ("s.task_id",),
    ("s.priority_0 DESC", "s.task_id"),
    ("s.created", "s.task_id"),
    ("s.n_runs", "s.task_id"),
    ("s.n_runs", "s.priority_0 DESC", "s.task_id"),
)
"""The orders in common use that an index of `task_slots` serves."""


def first_open() -> str:
    """The branches of `workbee_first_open`: one order each, passing over locked rows or waiting for them."""
    branches = "".join(
        f"""
  {"IF" if number == 0 else "ELSIF"} p_order = '{", ".join(keys)}' THEN
    IF p_wait THEN
      SELECT s.task_id INTO v_task FROM task_slots s {OPEN}
      ORDER BY {", ".join(keys)} LIMIT 1 FOR UPDATE OF s;
    ELSE
      SELECT s.task_id INTO v_task FROM task_slots s {OPEN}
      ORDER BY {", ".join(keys)} LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
    END IF;"""
        for number, keys in enumerate(INDEXED)
    )
    return f"""
CREATE FUNCTION workbee_first_open(p_project bigint, p_contributor text, p_order text, p_wait boolean)
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
      (SELECT s.* FROM task_slots s {OPEN} ORDER BY {", ".join(keys)} LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY {", ".join(keys)} LIMIT p_limit OFFSET p_offset;"""
        for number, keys in enumerate(INDEXED)
    )
    return f"""
CREATE FUNCTION workbee_list(p_project bigint, p_contributor text, p_order text, p_any boolean, p_held bigint,
  p_without bigint, p_limit int, p_offset int)
RETURNS SETOF bigint LANGUAGE plpgsql AS $$
BEGIN{branches}
  ELSE
    -- Where the order is random, the task already held comes first, so that looking ahead shows others.
    RETURN QUERY EXECUTE format('SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s JOIN task t ON t.id = s.task_id
       WHERE s.project_id = $1 %1$s
         AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.task_id = s.task_id AND a.contributor = $2
                         AND a.state <> ''lent'')
       ORDER BY %2$s LIMIT $5 + $6 + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = $3)
    ) s JOIN task t ON t.id = s.task_id WHERE s.task_id IS DISTINCT FROM $4
    ORDER BY %3$s %2$s LIMIT $5 OFFSET $6', CASE WHEN p_any THEN '' ELSE 'AND s.is_open' END, p_order,
      CASE WHEN p_order = 'random()' THEN '(s.task_id IS NOT DISTINCT FROM $3) DESC,' ELSE '' END)
    USING p_project, p_contributor, p_held, p_without, p_limit, p_offset;
  END IF;
END $$;
"""


SLOTS = """
CREATE FUNCTION workbee_reclaim(p_project bigint, p_wait boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF p_wait THEN
    PERFORM pg_advisory_xact_lock(2002911233, p_project::int);
  ELSIF NOT pg_try_advisory_xact_lock(2002911233, p_project::int) THEN
    RETURN;
  END IF;
  WITH overdue AS (
    SELECT a.task_id, a.contributor FROM assignment a
    WHERE a.project_id = p_project AND a.state IN ('held', 'reserved') AND a.deadline <= now()
    ORDER BY a.task_id LIMIT 100 FOR UPDATE SKIP LOCKED
  ), lent AS (
    UPDATE assignment a SET state = 'lent', deadline = NULL FROM overdue o
    WHERE a.task_id = o.task_id AND a.contributor = o.contributor RETURNING a.task_id
  )
  UPDATE task_slots s SET n_held = s.n_held - freed.n
  FROM (SELECT l.task_id, count(*)::int AS n FROM lent l GROUP BY l.task_id) freed WHERE s.task_id = freed.task_id;
END $$;

CREATE FUNCTION workbee_take_over(p_project bigint, p_contributor text, p_hold int)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_usual double precision;
  v_task bigint;
  v_holder text;
BEGIN
  -- The geometric mean of the latest answers: a volunteer at lunch does not make everybody wait as long.
  SELECT exp(sum(c.ln_seconds * least(c.n_task_runs, 20)) / nullif(sum(least(c.n_task_runs, 20)), 0)) INTO v_usual
  FROM project_counter c WHERE c.project_id = p_project AND c.ln_seconds IS NOT NULL AND c.n_task_runs > 0;
  IF v_usual IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT a.task_id, a.contributor INTO v_task, v_holder FROM assignment a
  WHERE a.project_id = p_project AND a.state IN ('held', 'reserved') AND a.contributor <> p_contributor
    AND a.requested_at <= now() - make_interval(secs => CASE WHEN a.state = 'reserved' THEN p_hold
                                                             ELSE least(p_hold, greatest(10, 6 * v_usual)) END)
    AND NOT EXISTS (SELECT 1 FROM assignment mine WHERE mine.task_id = a.task_id
                    AND mine.contributor = p_contributor AND mine.state <> 'lent')
  ORDER BY a.requested_at LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF v_task IS NULL THEN
    RETURN NULL;
  END IF;
  UPDATE assignment a SET state = 'lent', deadline = NULL WHERE a.task_id = v_task AND a.contributor = v_holder;
  UPDATE task_slots s SET n_held = s.n_held - 1 WHERE s.task_id = v_task;
  RETURN v_task;
END $$;
"""

DRAW = """
CREATE FUNCTION workbee_draw(p_project bigint, p_contributor text, p_order text, p_random boolean, p_any boolean,
  p_holds boolean, p_limit int, p_offset int, p_hold int)
RETURNS TABLE (id bigint, created timestamptz, project_id bigint, state text, quorum int, calibration int,
  priority_0 double precision, info text, n_answers int, fav_user_ids bigint[]) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_held bigint;
  v_first bigint;
  v_ids bigint[];
BEGIN
  -- What one contributor does is done one after the other: two draws at once hold one task, not two.
  PERFORM pg_advisory_xact_lock(hashtextextended(p_contributor, p_project));
  SELECT a.task_id INTO v_held FROM assignment a
  WHERE a.project_id = p_project AND a.contributor = p_contributor AND a.state = 'held';
  IF EXISTS (SELECT 1 FROM assignment a
             WHERE a.project_id = p_project AND a.state IN ('held', 'reserved') AND a.deadline <= now()) THEN
    PERFORM workbee_reclaim(p_project, false);
    SELECT a.task_id INTO v_held FROM assignment a
    WHERE a.project_id = p_project AND a.contributor = p_contributor AND a.state = 'held';
  END IF;
  IF p_holds AND p_offset = 0 THEN
    v_first := workbee_first_open(p_project, p_contributor, p_order, false);
    IF v_held IS NOT NULL THEN
      IF v_first IS NOT NULL AND NOT p_random AND NOT workbee_comes_first(p_order, v_held, v_first) THEN
        UPDATE assignment a SET state = 'lent', deadline = NULL
        WHERE a.task_id = v_held AND a.contributor = p_contributor;
        UPDATE task_slots s SET n_held = s.n_held - 1 WHERE s.task_id = v_held;
      ELSE
        UPDATE assignment a SET requested_at = now(), deadline = now() + make_interval(secs => p_hold)
        WHERE a.task_id = v_held AND a.contributor = p_contributor;
        v_first := NULL;
      END IF;
    ELSIF v_first IS NULL THEN
      -- Nothing found must mean that nothing is left, not that a row was locked or a slot not yet taken back.
      v_first := workbee_first_open(p_project, p_contributor, p_order, true);
      IF v_first IS NULL THEN
        PERFORM workbee_reclaim(p_project, true);
        v_first := coalesce(workbee_first_open(p_project, p_contributor, p_order, true),
                            workbee_take_over(p_project, p_contributor, p_hold));
      END IF;
      IF v_first IS NULL THEN
        RETURN;
      END IF;
    END IF;
    IF v_first IS NULL THEN
      v_first := v_held;
    ELSE
      UPDATE task_slots s SET n_held = s.n_held + 1 WHERE s.task_id = v_first;
      INSERT INTO assignment AS a (task_id, project_id, contributor, state, requested_at, deadline)
      VALUES (v_first, p_project, p_contributor, 'held', now(), now() + make_interval(secs => p_hold))
      ON CONFLICT (task_id, contributor) DO UPDATE
        SET state = 'held', requested_at = excluded.requested_at, deadline = excluded.deadline WHERE a.state = 'lent';
      IF NOT FOUND THEN
        RAISE EXCEPTION 'the task was answered while it was drawn' USING ERRCODE = 'serialization_failure';
      END IF;
    END IF;
    v_ids := ARRAY[v_first];
    IF p_limit > 1 THEN
      v_ids := v_ids || ARRAY(SELECT l FROM workbee_list(p_project, p_contributor, p_order, p_any, NULL, v_first,
                                                         p_limit - 1, 0) l);
    END IF;
  ELSE
    v_ids := ARRAY(SELECT l FROM workbee_list(p_project, p_contributor, p_order, p_any, v_held, NULL,
                                              p_limit, p_offset) l);
  END IF;
  IF cardinality(v_ids) > 1 OR v_first IS NULL THEN
    INSERT INTO assignment AS a (task_id, project_id, contributor, state, requested_at)
    SELECT l, p_project, p_contributor, 'lent', now() FROM unnest(v_ids) l WHERE l IS DISTINCT FROM v_first
    ON CONFLICT (task_id, contributor) DO UPDATE SET requested_at = excluded.requested_at WHERE a.state = 'lent';
  END IF;
  RETURN QUERY SELECT t.id, t.created, t.project_id, t.state, t.quorum, t.calibration, t.priority_0, t.info::text,
    t.n_answers, t.fav_user_ids
  FROM unnest(v_ids) WITH ORDINALITY l (task_id, place) JOIN task t ON t.id = l.task_id ORDER BY l.place;
END $$;

CREATE FUNCTION workbee_comes_first(p_order text, p_held bigint, p_other bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_first bigint;
BEGIN
  IF p_order = 's.task_id' THEN
    RETURN p_held <= p_other;
  END IF;
  EXECUTE format('SELECT s.task_id FROM task_slots s JOIN task t ON t.id = s.task_id
    WHERE s.task_id IN ($1, $2) ORDER BY %s LIMIT 1', p_order) INTO v_first USING p_held, p_other;
  RETURN v_first = p_held;
END $$;
"""

SUBMIT = """
CREATE FUNCTION workbee_submit(p_project bigint, p_task bigint, p_contributor text, p_user bigint, p_ip text,
  p_external text, p_media_url text, p_timeout int, p_calibration int, p_info jsonb, p_key text)
RETURNS TABLE (outcome text, id bigint, created timestamptz, finish_time timestamptz, counted boolean,
  completed boolean, result_id bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_state text;
  v_requested timestamptz;
  v_n_answers int;
  v_n_counted int;
  v_n_held int;
  v_had_slot boolean;
  v_counts boolean;
  v_completes boolean;
  v_became_complete int := 0;
  v_is_new boolean;
  v_seconds double precision;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(p_contributor, p_project));
  SELECT a.state, a.requested_at, s.n_answers, s.n_counted, s.n_held
  INTO v_state, v_requested, v_n_answers, v_n_counted, v_n_held
  FROM assignment a JOIN task_slots s ON s.task_id = a.task_id
  WHERE a.task_id = p_task AND a.contributor = p_contributor AND a.project_id = p_project FOR UPDATE OF a, s;
  IF NOT FOUND THEN
    RETURN QUERY SELECT
      coalesce((SELECT CASE WHEN t.project_id = p_project THEN 'not requested' ELSE 'other project' END
                FROM task t WHERE t.id = p_task), 'no task'),
      NULL::bigint, NULL::timestamptz, NULL::timestamptz, NULL::boolean, NULL::boolean, NULL::bigint;
    RETURN;
  END IF;
  IF v_state IN ('counted', 'surplus') THEN
    RETURN QUERY SELECT CASE WHEN r.id IS NULL THEN 'answered' ELSE 'repeated' END, r.id, r.created, r.finish_time,
      r.counted, NULL::boolean, NULL::bigint
    FROM (SELECT 1) one LEFT JOIN task_run r ON r.project_id = p_project AND r.contributor = p_contributor
      AND r.idempotency_key = p_key AND r.task_id = p_task;
    RETURN;
  END IF;
  v_had_slot := v_state IN ('held', 'reserved');
  v_counts := v_had_slot OR v_n_counted + v_n_held < v_n_answers;
  v_completes := v_n_counted + v_counts::int >= v_n_answers;
  outcome := 'stored';
  counted := v_counts;
  completed := v_completes;
  INSERT INTO task_run AS r (project_id, task_id, user_id, user_ip, external_uid, contributor, created, finish_time,
                             media_url, timeout, calibration, info, counted, idempotency_key)
  VALUES (p_project, p_task, p_user, p_ip, p_external, p_contributor, v_requested, clock_timestamp(),
          p_media_url, p_timeout, p_calibration, p_info, v_counts, p_key)
  RETURNING r.id, r.created, r.finish_time INTO id, created, finish_time;
  UPDATE assignment a SET state = CASE WHEN v_counts THEN 'counted' ELSE 'surplus' END, deadline = NULL
  WHERE a.task_id = p_task AND a.contributor = p_contributor;
  UPDATE task_slots s SET n_counted = s.n_counted + v_counts::int, n_held = s.n_held - v_had_slot::int,
    n_runs = s.n_runs + 1, completed = v_completes WHERE s.task_id = p_task;
  IF v_completes THEN
    UPDATE task t SET state = 'completed' WHERE t.id = p_task AND t.state <> 'completed';
    GET DIAGNOSTICS v_became_complete = ROW_COUNT;
    UPDATE result f SET last_version = false WHERE f.task_id = p_task AND f.last_version;
    INSERT INTO result AS f (project_id, task_id, task_run_ids, last_version)
    SELECT p_project, p_task, array_agg(r.id ORDER BY r.id), true FROM task_run r WHERE r.task_id = p_task
    RETURNING f.id INTO result_id;
  END IF;
  INSERT INTO contributor_progress AS p (project_id, contributor, user_id, n_runs, first_at, last_at)
  VALUES (p_project, p_contributor, p_user, 1, now(), now())
  ON CONFLICT (project_id, contributor) DO UPDATE SET n_runs = p.n_runs + 1, last_at = excluded.last_at
  RETURNING (xmax = 0) INTO v_is_new;
  IF p_user IS NOT NULL THEN
    INSERT INTO user_score AS u (user_id, n_runs) VALUES (p_user, 1)
    ON CONFLICT (user_id) DO UPDATE SET n_runs = u.n_runs + 1;
    UPDATE users u SET notified_at = NULL WHERE u.id = p_user AND u.notified_at IS NOT NULL;
  END IF;
  -- What was handed out and forgotten for an hour tells nothing of how long a task takes.
  v_seconds := least(3600, greatest(0.1, extract(epoch FROM finish_time - created)));
  INSERT INTO project_counter AS c (project_id, shard, n_task_runs, n_counted, n_completed_tasks, n_volunteers,
                                    n_anonymous, last_activity, ln_seconds)
  VALUES (p_project, 1 + abs(hashtext(p_contributor) % 8), 1, v_counts::int, v_became_complete, v_is_new::int,
          (v_is_new AND p_user IS NULL AND p_external IS NULL)::int, now(), ln(v_seconds))
  ON CONFLICT (project_id, shard) DO UPDATE SET n_task_runs = c.n_task_runs + excluded.n_task_runs,
    n_counted = c.n_counted + excluded.n_counted, n_completed_tasks = c.n_completed_tasks + excluded.n_completed_tasks,
    n_volunteers = c.n_volunteers + excluded.n_volunteers, n_anonymous = c.n_anonymous + excluded.n_anonymous,
    last_activity = excluded.last_activity,
    ln_seconds = coalesce(c.ln_seconds * 0.95 + excluded.ln_seconds * 0.05, excluded.ln_seconds);
  RETURN NEXT;
END $$;
"""

FUNCTIONS = (
    "workbee_draw(bigint, text, text, boolean, boolean, boolean, int, int, int)",
    "workbee_comes_first(text, bigint, bigint)",
    "workbee_list(bigint, text, text, boolean, bigint, bigint, int, int)",
    "workbee_first_open(bigint, text, text, boolean)",
    "workbee_take_over(bigint, text, int)",
    "workbee_reclaim(bigint, boolean)",
    "workbee_submit(bigint, bigint, text, bigint, text, text, text, int, int, jsonb, text)",
)


def upgrade() -> None:
    op.add_column("project_counter", sa.Column("ln_seconds", sa.Double(), nullable=True))
    for script in (first_open(), listed(), SLOTS, DRAW, SUBMIT):
        run_script(op.get_bind(), script)


def downgrade() -> None:
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.drop_column("project_counter", "ln_seconds")
