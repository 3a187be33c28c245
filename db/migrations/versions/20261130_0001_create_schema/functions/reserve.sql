-- Keep the slot of the task that a contributor is shown beside the one of the task drawn next: `reserved`, `gone` if it was
-- lent and all slots have been taken, `answered`, or `not given`. Their other reservations are let go of, but for those of
-- the tasks in `p_unsent` (an array's text), whose answers are on their way. An error of ours (WB001) if the project's row
-- is not of the version that the caller has read. Not alone in its transaction (`db.batching`), it is null where it would
-- wait for more than the slots of this task: to be asked alone.
CREATE OR REPLACE FUNCTION workbee_reserve(p_project bigint, p_task bigint, p_contributor text, p_unsent text,
  p_hold int, p_version text, p_alone boolean DEFAULT true)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_state text;
  v_left bigint[];
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
  IF NOT FOUND THEN
    RETURN 'not given';
  END IF;
  v_left := ARRAY(SELECT a.task_id FROM assignment a
                  WHERE (a.project_id, a.contributor) >= (p_project, p_contributor)
                    AND (a.project_id, a.contributor) <= (p_project, p_contributor) AND a.state = 'reserved'
                    AND a.task_id <> p_task AND a.task_id <> ALL (p_unsent::bigint[])
                  ORDER BY a.project_id, a.contributor FOR UPDATE);
  IF v_left <> '{}' THEN
    IF NOT p_alone THEN
      RETURN NULL;
    END IF;
    UPDATE assignment a SET state = 'lent', deadline = NULL
    WHERE a.task_id = ANY (v_left) AND a.contributor = p_contributor;
    PERFORM 1 FROM task_slots s
    WHERE s.task_id = ANY (v_left) OR (s.task_id = p_task AND v_state = 'lent') ORDER BY s.task_id FOR UPDATE;
    UPDATE task_slots s SET n_held = s.n_held - 1 WHERE s.task_id = ANY (v_left);
  END IF;
  IF v_state IN ('counted', 'surplus') THEN
    RETURN 'answered';
  END IF;
  IF v_state = 'lent' THEN
    SELECT s.is_open INTO v_is_open FROM task_slots s WHERE s.task_id = p_task FOR UPDATE;
    IF NOT v_is_open AND workbee_free_overdue(p_task) > 0 THEN
      SELECT s.is_open INTO v_is_open FROM task_slots s WHERE s.task_id = p_task;
    END IF;
    IF NOT v_is_open THEN
      RETURN 'gone';
    END IF;
    UPDATE task_slots s SET n_held = s.n_held + 1 WHERE s.task_id = p_task;
  END IF;
  UPDATE assignment a SET state = 'reserved', requested_at = now(),
    deadline = greatest(a.deadline, now() + make_interval(secs => p_hold))
  WHERE a.task_id = p_task AND a.contributor = p_contributor;
  RETURN 'reserved';
END $$;
