-- Store an answer and all that follows from it: the slot, completion, result, progress and counters
-- (docs/assignment.md). `outcome` says what became of it. An error of ours (WB001) if the project is not at the
-- version that the caller has read. `p_breadth_first`: whether the project hands out breadth first. In a batch
-- (`p_single` false, `db.batching`) it returns a row of nulls where the contributor is at something else: to be called
-- by itself.
CREATE OR REPLACE FUNCTION workbee_submit(p_project_id bigint, p_task_id bigint, p_contributor text, p_user_id bigint,
  p_user_ip text, p_external_uid text, p_media_url text, p_timeout bigint, p_calibration bigint, p_info jsonb,
  p_idempotency_key text, p_breadth_first boolean, p_version bigint, p_single boolean DEFAULT true)
RETURNS TABLE (outcome text, id bigint, created timestamptz, finish_time timestamptz, counted boolean,
  completed boolean, result_id bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_is_current boolean;
  v_state text;
  v_requested timestamptz;
  v_n_answers int;
  v_n_counted int;
  v_n_leased int;
  v_had_slot boolean;
  v_counts boolean;
  v_completes boolean;
  v_became_complete int := 0;
  v_is_new boolean;
  v_seconds double precision;
  v_shard int := pg_backend_pid() % 16;
BEGIN
  IF p_single THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(p_contributor, p_project_id));
  ELSIF NOT pg_try_advisory_xact_lock(hashtextextended(p_contributor, p_project_id)) THEN
    RETURN NEXT;
    RETURN;
  END IF;
  -- Mostly it is a task that the contributor has leased: then there is nothing to look at first.
  UPDATE assignment a SET state = 'counted', deadline = NULL
  WHERE a.task_id = p_task_id AND a.contributor = p_contributor AND a.project_id = p_project_id
    AND a.state IN ('leased', 'reserved')
  RETURNING (SELECT p.version = p_version FROM project p WHERE p.id = p_project_id), a.requested_at
  INTO v_is_current, v_requested;
  v_had_slot := FOUND;
  v_counts := FOUND;
  IF NOT v_had_slot THEN
    SELECT (SELECT p.version = p_version FROM project p WHERE p.id = p_project_id), a.state, a.requested_at,
      s.n_answers, s.n_counted, s.n_leased
    INTO v_is_current, v_state, v_requested, v_n_answers, v_n_counted, v_n_leased
    FROM assignment a JOIN task_slots s ON s.task_id = a.task_id
    WHERE a.task_id = p_task_id AND a.contributor = p_contributor AND a.project_id = p_project_id FOR UPDATE OF a, s;
    IF NOT FOUND THEN
      RETURN QUERY SELECT
        coalesce((SELECT CASE WHEN t.project_id = p_project_id THEN 'not requested' ELSE 'other project' END
                  FROM task t WHERE t.id = p_task_id), 'no task'),
        NULL::bigint, NULL::timestamptz, NULL::timestamptz, NULL::boolean, NULL::boolean, NULL::bigint;
      RETURN;
    END IF;
  END IF;
  IF v_is_current IS NOT TRUE THEN
    PERFORM workbee_stale_version();
  END IF;
  IF v_state IN ('counted', 'surplus') THEN
    RETURN QUERY SELECT CASE WHEN r.id IS NULL THEN 'answered' ELSE 'repeated' END, r.id, r.created, r.finish_time,
      r.counted, NULL::boolean, NULL::bigint
    FROM (SELECT 1) one LEFT JOIN task_run r ON r.project_id = p_project_id AND r.contributor = p_contributor
      AND r.idempotency_key = p_idempotency_key AND r.task_id = p_task_id;
    RETURN;
  END IF;
  IF NOT v_had_slot THEN
    IF v_n_counted < v_n_answers AND v_n_counted + v_n_leased >= v_n_answers THEN
      v_n_leased := v_n_leased - workbee_expire_leases_of_task(p_task_id);
    END IF;
    v_counts := v_n_counted + v_n_leased < v_n_answers;
    UPDATE assignment a SET state = CASE WHEN v_counts THEN 'counted' ELSE 'surplus' END, deadline = NULL
    WHERE a.task_id = p_task_id AND a.contributor = p_contributor;
  END IF;
  UPDATE task_slots s SET n_counted = s.n_counted + v_counts::int, n_leased = s.n_leased - v_had_slot::int,
    n_runs = s.n_runs + 1, completed = s.n_counted + v_counts::int >= s.n_answers,
    breadth = CASE WHEN p_breadth_first THEN s.n_runs + 1 ELSE s.breadth END
  WHERE s.task_id = p_task_id RETURNING s.completed INTO v_completes;
  outcome := 'stored';
  counted := v_counts;
  completed := v_completes;
  INSERT INTO task_run AS r (project_id, task_id, user_id, user_ip, external_uid, contributor, created, finish_time,
                             media_url, timeout, calibration, info, counted, idempotency_key)
  VALUES (p_project_id, p_task_id, p_user_id, p_user_ip, p_external_uid, p_contributor, v_requested, clock_timestamp(),
          p_media_url, p_timeout, p_calibration, p_info, v_counts, p_idempotency_key)
  RETURNING r.id, r.created, r.finish_time INTO id, created, finish_time;
  IF v_completes THEN
    UPDATE task t SET state = 'completed' WHERE t.id = p_task_id AND t.state <> 'completed';
    GET DIAGNOSTICS v_became_complete = ROW_COUNT;
    UPDATE result f SET last_version = false WHERE f.task_id = p_task_id AND f.last_version;
    INSERT INTO result AS f (project_id, task_id, task_run_ids, last_version)
    SELECT p_project_id, p_task_id, array_agg(r.id ORDER BY r.id), true FROM task_run r WHERE r.task_id = p_task_id
    RETURNING f.id INTO result_id;
  END IF;
  INSERT INTO contributor_progress AS p (project_id, contributor, user_id, n_runs, first_at, last_at)
  VALUES (p_project_id, p_contributor, p_user_id, 1, now(), now())
  ON CONFLICT (project_id, contributor) DO UPDATE SET n_runs = p.n_runs + 1, last_at = excluded.last_at
  RETURNING (xmax = 0) INTO v_is_new;
  IF p_user_id IS NOT NULL THEN
    INSERT INTO user_score AS u (user_id, n_runs) VALUES (p_user_id, 1)
    ON CONFLICT (user_id) DO UPDATE SET n_runs = u.n_runs + 1;
    UPDATE users u SET notified_at = NULL WHERE u.id = p_user_id AND u.notified_at IS NOT NULL;
  END IF;
  -- What was handed out and forgotten for an hour tells nothing of how long a task takes.
  v_seconds := least(3600, greatest(0.1, extract(epoch FROM finish_time - created)));
  -- A shard that nobody is just adding to: who waits for a row waits for its holder's commit.
  FOR v_try IN 1..16 LOOP
    v_shard := 1 + v_shard % 16;
    EXIT WHEN pg_try_advisory_xact_lock(hashtextextended('project_counter', p_project_id * 16 + v_shard));
  END LOOP;
  INSERT INTO project_counter AS c (project_id, shard, n_task_runs, n_counted, n_completed_tasks, n_volunteers,
                                    n_anonymous, last_activity, ln_seconds)
  VALUES (p_project_id, v_shard, 1, v_counts::int, v_became_complete, (v_is_new AND p_external_uid IS NULL)::int,
          (v_is_new AND p_user_id IS NULL AND p_external_uid IS NULL)::int, now(), ln(v_seconds))
  ON CONFLICT (project_id, shard) DO UPDATE SET n_task_runs = c.n_task_runs + excluded.n_task_runs,
    n_counted = c.n_counted + excluded.n_counted, n_completed_tasks = c.n_completed_tasks + excluded.n_completed_tasks,
    n_volunteers = c.n_volunteers + excluded.n_volunteers, n_anonymous = c.n_anonymous + excluded.n_anonymous,
    last_activity = excluded.last_activity,
    ln_seconds = coalesce(c.ln_seconds * 0.95 + excluded.ln_seconds * 0.05, excluded.ln_seconds);
  RETURN NEXT;
END $$;
