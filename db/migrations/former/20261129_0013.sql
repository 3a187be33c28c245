-- Where this contributor's list begins in this order, moved on if it is time, and after it the holes before that; null
-- where it is the beginning. Before that place everything but the holes is complete or answered by them, as long as
-- nothing was rearranged since.
CREATE OR REPLACE FUNCTION workbee_list_from(p_project bigint, p_contributor text, p_order text)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  v_rearranged bigint;
  v_from bigint;
  v_holes bigint[];
  v_since bigint;
  v_next bigint[];
BEGIN
  -- Read before the list is: what is rearranged later makes the place invalid.
  SELECT c.rearranged, CASE WHEN is_good THEN p.list_from END, CASE WHEN is_good THEN p.list_holes END,
    CASE WHEN is_good THEN p.n_runs - p.list_runs ELSE p.n_runs END
  INTO v_rearranged, v_from, v_holes, v_since
  FROM contributor_progress p JOIN project_counter c ON c.project_id = p.project_id AND c.shard = 0, LATERAL (
    SELECT coalesce(p.list_order = p_order AND p.list_rearranged = c.rearranged, false) AS is_good
  ) known
  WHERE p.project_id = p_project AND p.contributor = p_contributor;
  IF coalesce(v_since, 0) >= 8 THEN
    v_next := workbee_first_unanswered(p_project, p_contributor, p_order, v_from, v_holes);
    IF v_next IS NOT NULL THEN
      UPDATE contributor_progress p SET list_order = p_order, list_rearranged = v_rearranged, list_from = v_next[1],
        list_holes = nullif(v_next[2:], '{}'), list_runs = p.n_runs
      WHERE p.project_id = p_project AND p.contributor = p_contributor;
      RETURN v_next;
    END IF;
  END IF;
  RETURN CASE WHEN v_from IS NOT NULL THEN v_from || v_holes END;
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
  v_ahead bigint;
  v_first bigint;
  v_ids bigint[];
  v_place bigint[];
  v_from bigint;
  v_holes bigint[];
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
    v_place := workbee_list_from(p_project, p_contributor, p_order);
    v_from := v_place[1];
    v_holes := v_place[2:];
  END IF;
  IF p_holds AND p_offset = 0 THEN
    -- Mostly nothing comes before the task that somebody holds already. So that is looked for without a lock first: who
    -- only asks again then writes nothing.
    IF v_held IS NOT NULL AND NOT p_random THEN
      v_ahead := (SELECT l FROM workbee_list(p_project, p_contributor, p_order, false, NULL, v_held, 1, 0, v_from,
                                            v_holes) l);
    END IF;
    IF v_held IS NULL OR (v_ahead IS NOT NULL AND NOT workbee_comes_first(p_order, v_held, v_ahead)) THEN
      v_first := workbee_first_open(p_project, p_contributor, p_order, false, v_from, v_holes);
    END IF;
    IF v_held IS NOT NULL THEN
      IF v_first IS NOT NULL AND NOT workbee_comes_first(p_order, v_held, v_first) THEN
        UPDATE assignment a SET state = 'lent', deadline = NULL
        WHERE a.task_id = v_held AND a.contributor = p_contributor;
        UPDATE task_slots s SET n_held = s.n_held - 1 WHERE s.task_id = v_held;
      ELSE
        UPDATE assignment a SET requested_at = now(), deadline = now() + make_interval(secs => p_hold)
        WHERE a.task_id = v_held AND a.contributor = p_contributor AND a.requested_at < now() - interval '5 seconds';
        v_first := NULL;
      END IF;
    ELSIF v_first IS NULL THEN
      -- Nothing found must mean that nothing is left, not that a row was locked or a slot not yet taken back.
      v_first := workbee_first_open(p_project, p_contributor, p_order, true, NULL, NULL);
      IF v_first IS NULL THEN
        PERFORM workbee_reclaim(p_project, true);
        v_first := coalesce(workbee_first_open(p_project, p_contributor, p_order, true, NULL, NULL),
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
                                                         p_limit - 1, 0, v_from, v_holes) l);
    END IF;
  ELSE
    v_ids := ARRAY(SELECT l FROM workbee_list(p_project, p_contributor, p_order, p_any, v_held, NULL,
                                              p_limit, p_offset, v_from, v_holes) l);
    IF v_from IS NOT NULL AND cardinality(v_ids) < p_limit THEN
      v_ids := ARRAY(SELECT l FROM workbee_list(p_project, p_contributor, p_order, p_any, v_held, NULL,
                                                p_limit, p_offset, NULL, NULL) l);
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
-- version that the caller has read. `p_breadth`: whether the project hands out breadth first.
CREATE OR REPLACE FUNCTION workbee_submit(p_project bigint, p_task bigint, p_contributor text, p_user bigint,
  p_ip text, p_external text, p_media_url text, p_timeout int, p_calibration int, p_info jsonb, p_key text, p_breadth boolean,
  p_version text)
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
  -- Mostly it is the task that the contributor holds: then there is nothing to look at first.
  UPDATE assignment a SET state = 'counted', deadline = NULL
  WHERE a.task_id = p_task AND a.contributor = p_contributor AND a.project_id = p_project
    AND a.state IN ('held', 'reserved')
  RETURNING (SELECT p.xmin::text = p_version FROM project p WHERE p.id = p_project), a.requested_at
  INTO v_is_current, v_requested;
  v_had_slot := FOUND;
  v_counts := FOUND;
  IF NOT v_had_slot THEN
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
  IF NOT v_had_slot THEN
    IF v_n_counted < v_n_answers AND v_n_counted + v_n_held >= v_n_answers THEN
      v_n_held := v_n_held - workbee_free_overdue(p_task);
    END IF;
    v_counts := v_n_counted + v_n_held < v_n_answers;
    UPDATE assignment a SET state = CASE WHEN v_counts THEN 'counted' ELSE 'surplus' END, deadline = NULL
    WHERE a.task_id = p_task AND a.contributor = p_contributor;
  END IF;
  UPDATE task_slots s SET n_counted = s.n_counted + v_counts::int, n_held = s.n_held - v_had_slot::int,
    n_runs = s.n_runs + 1, completed = s.n_counted + v_counts::int >= s.n_answers,
    breadth = CASE WHEN p_breadth THEN s.n_runs + 1 ELSE s.breadth END
  WHERE s.task_id = p_task RETURNING s.completed INTO v_completes;
  outcome := 'stored';
  counted := v_counts;
  completed := v_completes;
  INSERT INTO task_run AS r (project_id, task_id, user_id, user_ip, external_uid, contributor, created, finish_time,
                             media_url, timeout, calibration, info, counted, idempotency_key)
  VALUES (p_project, p_task, p_user, p_ip, p_external, p_contributor, v_requested, clock_timestamp(),
          p_media_url, p_timeout, p_calibration, p_info, v_counts, p_key)
  RETURNING r.id, r.created, r.finish_time INTO id, created, finish_time;
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
-- Hold a slot of a lent task as it is shown: `held`, `gone` if all have been taken, or `not given`.
-- An error of ours (WB001) if the project's row is not of the version that the caller has read.
CREATE OR REPLACE FUNCTION workbee_hold(p_project bigint, p_task bigint, p_contributor text, p_hold int, p_version text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_state text;
  v_held bigint;
  v_is_open boolean;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(p_contributor, p_project));
  IF (SELECT p.xmin::text = p_version FROM project p WHERE p.id = p_project) IS NOT TRUE THEN
    PERFORM workbee_outdated();
  END IF;
  -- First all assignments, then all slots in order of their tasks, as everybody does: nobody waits in a circle.
  SELECT a.state INTO v_state FROM assignment a
  WHERE a.task_id = p_task AND a.contributor = p_contributor AND a.project_id = p_project FOR UPDATE;
  IF NOT FOUND OR v_state IN ('counted', 'surplus') THEN
    RETURN 'not given';
  END IF;
  IF v_state IN ('held', 'reserved') THEN
    UPDATE assignment a SET requested_at = now(), deadline = greatest(a.deadline, now() + make_interval(secs => p_hold))
    WHERE a.task_id = p_task AND a.contributor = p_contributor;
    RETURN 'held';
  END IF;
  UPDATE assignment a SET state = 'lent', deadline = NULL
  WHERE (a.project_id, a.contributor) >= (p_project, p_contributor)
    AND (a.project_id, a.contributor) <= (p_project, p_contributor) AND a.state = 'held'
  RETURNING a.task_id INTO v_held;
  PERFORM 1 FROM task_slots s WHERE s.task_id = least(p_task, v_held) FOR UPDATE;
  SELECT s.is_open INTO v_is_open FROM task_slots s WHERE s.task_id = p_task FOR UPDATE;
  IF v_held IS NOT NULL THEN
    UPDATE task_slots s SET n_held = s.n_held - 1 WHERE s.task_id = v_held;
  END IF;
  IF NOT v_is_open AND workbee_free_overdue(p_task) > 0 THEN
    SELECT s.is_open INTO v_is_open FROM task_slots s WHERE s.task_id = p_task;
  END IF;
  IF NOT v_is_open THEN
    RETURN 'gone';
  END IF;
  UPDATE task_slots s SET n_held = s.n_held + 1 WHERE s.task_id = p_task;
  UPDATE assignment a SET state = 'held', requested_at = now(), deadline = now() + make_interval(secs => p_hold)
  WHERE a.task_id = p_task AND a.contributor = p_contributor;
  RETURN 'held';
END $$;
