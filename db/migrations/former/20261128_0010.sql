-- Whether the task held comes before the other one in this order.
CREATE OR REPLACE FUNCTION workbee_comes_first(p_order text, p_held bigint, p_other bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
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
-- The first open task for a contributor in this order, its slots locked: passing over locked rows, or waiting for
-- them. Each order has a statement of its own, so that its plan can be kept and only the index that serves it fits.
CREATE OR REPLACE FUNCTION workbee_first_open(p_project bigint, p_contributor text, p_order text, p_wait boolean,
  p_from bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_task bigint;
  v_from bigint := coalesce(p_from, 0);
  v_priority double precision := '-Infinity';
  v_created timestamptz := '-infinity';
BEGIN
  IF p_from IS NOT NULL AND p_order <> 's.task_id' THEN
    SELECT -s.priority_0, s.created INTO v_priority, v_created FROM task_slots s WHERE s.task_id = p_from;
    IF NOT FOUND THEN
      v_from := 0;
      v_priority := '-Infinity';
      v_created := '-infinity';
    END IF;
  END IF;
  IF p_order = 's.task_id' AND p_wait THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, s.task_id) >= (p_project, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.task_id LIMIT 1 FOR UPDATE OF s;
  ELSIF p_order = 's.task_id' THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, s.task_id) >= (p_project, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
  ELSIF p_order = 's.priority_0 DESC, s.task_id' AND p_wait THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, -s.priority_0, s.task_id) >= (p_project, v_priority, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, -s.priority_0, s.task_id LIMIT 1 FOR UPDATE OF s;
  ELSIF p_order = 's.priority_0 DESC, s.task_id' THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, -s.priority_0, s.task_id) >= (p_project, v_priority, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, -s.priority_0, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
  ELSIF p_order = 's.created, s.task_id' AND p_wait THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, s.created, s.task_id) >= (p_project, v_created, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.created, s.task_id LIMIT 1 FOR UPDATE OF s;
  ELSIF p_order = 's.created, s.task_id' THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, s.created, s.task_id) >= (p_project, v_created, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.created, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
  ELSIF p_order = 's.n_runs, s.task_id' AND p_wait THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE s.project_id >= p_project AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.n_runs, s.task_id LIMIT 1 FOR UPDATE OF s;
  ELSIF p_order = 's.n_runs, s.task_id' THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE s.project_id >= p_project AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.n_runs, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
  ELSIF p_order = 's.n_runs, s.priority_0 DESC, s.task_id' AND p_wait THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE s.project_id >= p_project AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.n_runs, s.priority_0 DESC, s.task_id LIMIT 1 FOR UPDATE OF s;
  ELSIF p_order = 's.n_runs, s.priority_0 DESC, s.task_id' THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE s.project_id >= p_project AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.n_runs, s.priority_0 DESC, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
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
-- Part of a contributor's list in this order: open tasks, and the one that they hold (`p_held`) among them.
CREATE OR REPLACE FUNCTION workbee_list(p_project bigint, p_contributor text, p_order text, p_any boolean,
  p_held bigint, p_without bigint, p_limit int, p_offset int, p_from bigint)
RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE
  v_from bigint := coalesce(p_from, 0);
  v_priority double precision := '-Infinity';
  v_created timestamptz := '-infinity';
BEGIN
  IF p_from IS NOT NULL AND p_order <> 's.task_id' THEN
    SELECT -s.priority_0, s.created INTO v_priority, v_created FROM task_slots s WHERE s.task_id = p_from;
    IF NOT FOUND THEN
      v_from := 0;
      v_priority := '-Infinity';
      v_created := '-infinity';
    END IF;
  END IF;
  IF p_order = 's.task_id' AND NOT p_any THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s WHERE (s.project_id, s.task_id) >= (p_project, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY s.task_id LIMIT p_limit OFFSET p_offset;
  ELSIF p_order = 's.priority_0 DESC, s.task_id' AND NOT p_any THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s WHERE (s.project_id, -s.priority_0, s.task_id) >= (p_project, v_priority, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, -s.priority_0, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY s.priority_0 DESC, s.task_id LIMIT p_limit OFFSET p_offset;
  ELSIF p_order = 's.created, s.task_id' AND NOT p_any THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s WHERE (s.project_id, s.created, s.task_id) >= (p_project, v_created, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.created, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY s.created, s.task_id LIMIT p_limit OFFSET p_offset;
  ELSIF p_order = 's.n_runs, s.task_id' AND NOT p_any THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s WHERE s.project_id >= p_project AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.n_runs, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY s.n_runs, s.task_id LIMIT p_limit OFFSET p_offset;
  ELSIF p_order = 's.n_runs, s.priority_0 DESC, s.task_id' AND NOT p_any THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s WHERE s.project_id >= p_project AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.n_runs, s.priority_0 DESC, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY s.n_runs, s.priority_0 DESC, s.task_id LIMIT p_limit OFFSET p_offset;
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
-- The first task in this order that a contributor could still be given, now or once somebody lets go of it. Stable, so
-- that both parts see the same moment: a task that is neither complete nor open is held by somebody.
CREATE OR REPLACE FUNCTION workbee_first_unanswered(p_project bigint, p_contributor text, p_order text, p_from bigint)
RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_task bigint;
  v_from bigint := coalesce(p_from, 0);
  v_priority double precision := '-Infinity';
  v_created timestamptz := '-infinity';
BEGIN
  IF p_from IS NOT NULL AND p_order <> 's.task_id' THEN
    SELECT -s.priority_0, s.created INTO v_priority, v_created FROM task_slots s WHERE s.task_id = p_from;
    IF NOT FOUND THEN
      v_from := 0;
      v_priority := '-Infinity';
      v_created := '-infinity';
    END IF;
  END IF;
  IF p_order = 's.task_id' THEN
    SELECT s.task_id INTO v_task FROM (
      (SELECT s.* FROM task_slots s WHERE (s.project_id, s.task_id) >= (p_project, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus')
       ORDER BY s.project_id, s.task_id LIMIT 1)
      UNION ALL
      (SELECT s.* FROM assignment h JOIN task_slots s ON s.task_id = h.task_id
       WHERE h.project_id = p_project AND h.state IN ('held', 'reserved') AND NOT s.completed
         AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus'))
    ) s ORDER BY s.task_id LIMIT 1;
  ELSIF p_order = 's.priority_0 DESC, s.task_id' THEN
    SELECT s.task_id INTO v_task FROM (
      (SELECT s.* FROM task_slots s WHERE (s.project_id, -s.priority_0, s.task_id) >= (p_project, v_priority, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus')
       ORDER BY s.project_id, -s.priority_0, s.task_id LIMIT 1)
      UNION ALL
      (SELECT s.* FROM assignment h JOIN task_slots s ON s.task_id = h.task_id
       WHERE h.project_id = p_project AND h.state IN ('held', 'reserved') AND NOT s.completed
         AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus'))
    ) s ORDER BY s.priority_0 DESC, s.task_id LIMIT 1;
  ELSIF p_order = 's.created, s.task_id' THEN
    SELECT s.task_id INTO v_task FROM (
      (SELECT s.* FROM task_slots s WHERE (s.project_id, s.created, s.task_id) >= (p_project, v_created, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus')
       ORDER BY s.project_id, s.created, s.task_id LIMIT 1)
      UNION ALL
      (SELECT s.* FROM assignment h JOIN task_slots s ON s.task_id = h.task_id
       WHERE h.project_id = p_project AND h.state IN ('held', 'reserved') AND NOT s.completed
         AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus'))
    ) s ORDER BY s.created, s.task_id LIMIT 1;
  END IF;
  RETURN v_task;
END $$;
-- Where this contributor's list begins in this order, moved on if it is time; null where it is the beginning. Before
-- that place everything is complete or answered by them, as long as nothing was rearranged since.
CREATE OR REPLACE FUNCTION workbee_list_from(p_project bigint, p_contributor text, p_order text)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_rearranged bigint;
  v_from bigint;
  v_since bigint;
  v_next bigint;
BEGIN
  -- Read before the list is: what is rearranged later makes the place invalid.
  SELECT c.rearranged, CASE WHEN is_good THEN p.list_from END,
    CASE WHEN is_good THEN p.n_runs - p.list_runs ELSE p.n_runs END
  INTO v_rearranged, v_from, v_since
  FROM contributor_progress p JOIN project_counter c ON c.project_id = p.project_id AND c.shard = 0, LATERAL (
    SELECT coalesce(p.list_order = p_order AND p.list_rearranged = c.rearranged, false) AS is_good
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
-- The asked part of a contributor's list: its first task held, the rest lent (docs/assignment.md). The list is the
-- open tasks that they have not answered, and the one that they hold, in the order `p_order`. An error of ours (WB001)
-- if the project's row is not of the version that the caller has read.
CREATE OR REPLACE FUNCTION workbee_draw(p_project bigint, p_contributor text, p_order text, p_random boolean,
  p_any boolean, p_holds boolean, p_limit int, p_offset int, p_hold int, p_version text)
RETURNS TABLE (id bigint, created timestamptz, project_id bigint, state text, quorum int, calibration int,
  priority_0 double precision, info text, n_answers int, fav_user_ids bigint[]) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_is_current boolean;
  v_is_overdue boolean;
  v_held bigint;
  v_first bigint;
  v_ids bigint[];
  v_from bigint;
BEGIN
  -- What one contributor does is done one after the other: two draws at once hold one task, not two.
  PERFORM pg_advisory_xact_lock(hashtextextended(p_contributor, p_project));
  -- Subqueries and not EXISTS, which drops the order within it, and with that the choice of the index.
  SELECT (SELECT p.xmin::text = p_version FROM project p WHERE p.id = p_project),
    (SELECT a.task_id FROM assignment a
     WHERE (a.project_id, a.contributor) >= (p_project, p_contributor)
       AND (a.project_id, a.contributor) <= (p_project, p_contributor) AND a.state = 'held'
     ORDER BY a.project_id, a.contributor LIMIT 1),
    (SELECT true FROM assignment a
     WHERE a.project_id = p_project AND a.state IN ('held', 'reserved') AND a.deadline <= now()
     ORDER BY a.deadline LIMIT 1)
  INTO v_is_current, v_held, v_is_overdue;
  IF v_is_current IS NOT TRUE THEN
    PERFORM workbee_outdated();
  END IF;
  IF v_is_overdue THEN
    PERFORM workbee_reclaim(p_project, false);
    SELECT a.task_id INTO v_held FROM assignment a
    WHERE (a.project_id, a.contributor) >= (p_project, p_contributor)
      AND (a.project_id, a.contributor) <= (p_project, p_contributor) AND a.state = 'held'
    ORDER BY a.project_id, a.contributor LIMIT 1;
  END IF;
  IF NOT p_any THEN
    v_from := workbee_list_from(p_project, p_contributor, p_order);
  END IF;
  IF p_holds AND p_offset = 0 THEN
    v_first := workbee_first_open(p_project, p_contributor, p_order, false, v_from);
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
      v_first := workbee_first_open(p_project, p_contributor, p_order, true, NULL);
      IF v_first IS NULL THEN
        PERFORM workbee_reclaim(p_project, true);
        v_first := coalesce(workbee_first_open(p_project, p_contributor, p_order, true, NULL),
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
                                                         p_limit - 1, 0, v_from) l);
    END IF;
  ELSE
    v_ids := ARRAY(SELECT l FROM workbee_list(p_project, p_contributor, p_order, p_any, v_held, NULL,
                                              p_limit, p_offset, v_from) l);
    IF v_from IS NOT NULL AND cardinality(v_ids) < p_limit THEN
      v_ids := ARRAY(SELECT l FROM workbee_list(p_project, p_contributor, p_order, p_any, v_held, NULL,
                                                p_limit, p_offset, NULL) l);
    END IF;
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
-- Store an answer and all that follows from it: the slot, completion, result, progress and counters
-- (docs/assignment.md). `outcome` says what became of it. An error of ours (WB001) if the project's row is not of the
-- version that the caller has read.
CREATE OR REPLACE FUNCTION workbee_submit(p_project bigint, p_task bigint, p_contributor text, p_user bigint,
  p_ip text, p_external text, p_media_url text, p_timeout int, p_calibration int, p_info jsonb, p_key text, p_version text)
RETURNS TABLE (outcome text, id bigint, created timestamptz, finish_time timestamptz, counted boolean,
  completed boolean, result_id bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_is_current boolean;
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
  v_shard int := pg_backend_pid() % 16;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(p_contributor, p_project));
  SELECT (SELECT p.xmin::text = p_version FROM project p WHERE p.id = p_project), a.state, a.requested_at,
    s.n_answers, s.n_counted, s.n_held
  INTO v_is_current, v_state, v_requested, v_n_answers, v_n_counted, v_n_held
  FROM assignment a JOIN task_slots s ON s.task_id = a.task_id
  WHERE a.task_id = p_task AND a.contributor = p_contributor AND a.project_id = p_project FOR UPDATE OF a, s;
  IF NOT FOUND THEN
    RETURN QUERY SELECT
      coalesce((SELECT CASE WHEN t.project_id = p_project THEN 'not requested' ELSE 'other project' END
                FROM task t WHERE t.id = p_task), 'no task'),
      NULL::bigint, NULL::timestamptz, NULL::timestamptz, NULL::boolean, NULL::boolean, NULL::bigint;
    RETURN;
  END IF;
  IF v_is_current IS NOT TRUE THEN
    PERFORM workbee_outdated();
  END IF;
  IF v_state IN ('counted', 'surplus') THEN
    RETURN QUERY SELECT CASE WHEN r.id IS NULL THEN 'answered' ELSE 'repeated' END, r.id, r.created, r.finish_time,
      r.counted, NULL::boolean, NULL::bigint
    FROM (SELECT 1) one LEFT JOIN task_run r ON r.project_id = p_project AND r.contributor = p_contributor
      AND r.idempotency_key = p_key AND r.task_id = p_task;
    RETURN;
  END IF;
  v_had_slot := v_state IN ('held', 'reserved');
  IF NOT v_had_slot AND v_n_counted < v_n_answers AND v_n_counted + v_n_held >= v_n_answers THEN
    v_n_held := v_n_held - workbee_free_overdue(p_task);
  END IF;
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
  -- A shard that nobody is just adding to: who waits for a row waits for its holder's commit.
  FOR v_try IN 1..16 LOOP
    v_shard := 1 + v_shard % 16;
    EXIT WHEN pg_try_advisory_xact_lock(hashtextextended('project_counter', p_project * 16 + v_shard));
  END LOOP;
  INSERT INTO project_counter AS c (project_id, shard, n_task_runs, n_counted, n_completed_tasks, n_volunteers,
                                    n_anonymous, last_activity, ln_seconds)
  VALUES (p_project, v_shard, 1, v_counts::int, v_became_complete, v_is_new::int,
          (v_is_new AND p_user IS NULL AND p_external IS NULL)::int, now(), ln(v_seconds))
  ON CONFLICT (project_id, shard) DO UPDATE SET n_task_runs = c.n_task_runs + excluded.n_task_runs,
    n_counted = c.n_counted + excluded.n_counted, n_completed_tasks = c.n_completed_tasks + excluded.n_completed_tasks,
    n_volunteers = c.n_volunteers + excluded.n_volunteers, n_anonymous = c.n_anonymous + excluded.n_anonymous,
    last_activity = excluded.last_activity,
    ln_seconds = coalesce(c.ln_seconds * 0.95 + excluded.ln_seconds * 0.05, excluded.ln_seconds);
  RETURN NEXT;
END $$;
CREATE OR REPLACE FUNCTION workbee_run_removed() RETURNS trigger LANGUAGE plpgsql
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
