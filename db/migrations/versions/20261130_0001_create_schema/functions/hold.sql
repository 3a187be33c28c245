-- Hold a slot of a lent task as it is shown: `held`, `gone` if all have been taken, or `not given`.
-- An error of ours (WB001) if the project's row is not of the version that the caller has read. Not alone in its
-- transaction (`db.batching`), it is null where it would wait for more than the slots of this task: to be asked alone.
CREATE OR REPLACE FUNCTION workbee_hold(p_project bigint, p_task bigint, p_contributor text, p_hold int, p_version text,
  p_alone boolean DEFAULT true)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_state text;
  v_held bigint;
  v_is_open boolean;
BEGIN
  IF p_alone THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(p_contributor, p_project));
  ELSIF NOT pg_try_advisory_xact_lock(hashtextextended(p_contributor, p_project)) THEN
    RETURN NULL;
  END IF;
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
  SELECT a.task_id INTO v_held FROM assignment a
  WHERE (a.project_id, a.contributor) >= (p_project, p_contributor)
    AND (a.project_id, a.contributor) <= (p_project, p_contributor) AND a.state = 'held'
  ORDER BY a.project_id, a.contributor LIMIT 1;
  IF v_held IS NOT NULL THEN
    IF NOT p_alone THEN
      RETURN NULL;
    END IF;
    UPDATE assignment a SET state = 'lent', deadline = NULL
    WHERE a.task_id = v_held AND a.contributor = p_contributor AND a.state = 'held';
    IF FOUND THEN
      PERFORM 1 FROM task_slots s WHERE s.task_id = least(p_task, v_held) FOR UPDATE;
    ELSE
      v_held := NULL;
    END IF;
  END IF;
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
