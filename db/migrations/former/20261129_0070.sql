-- Take the slot that is held longest, if that is far beyond what the project's answers usually take: for somebody to
-- whom nothing else is open. Its task, or null.
CREATE OR REPLACE FUNCTION workbee_take_over(p_project bigint, p_contributor text, p_hold int)
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
  ORDER BY a.deadline LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF v_task IS NULL THEN
    RETURN NULL;
  END IF;
  UPDATE assignment a SET state = 'lent', deadline = NULL WHERE a.task_id = v_task AND a.contributor = v_holder;
  UPDATE task_slots s SET n_held = s.n_held - 1 WHERE s.task_id = v_task;
  RETURN v_task;
END $$;
