-- Keep the slot of the task that a contributor is shown beside the one of the task drawn next: `reserved`, `gone` if
-- it was offered and all slots have been taken, `answered`, or `not offered`. Their other reservations are let go of,
-- but for those of the tasks in `p_unsent` (an array's text), whose answers are on their way. An error of ours (WB001)
-- if the project is not at the version that the caller has read. In a batch (`p_single` false, `db.batching`) it is
-- null where it would wait for more than the slots of this task: to be called by itself.
CREATE OR REPLACE FUNCTION workbee_reserve(p_project_id bigint, p_task_id bigint, p_contributor text, p_unsent text,
  p_lease_seconds bigint, p_version bigint, p_single boolean DEFAULT true)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_state text;
  v_left bigint[];
  v_is_open boolean;
BEGIN
  IF p_single THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(p_contributor, p_project_id));
  ELSIF NOT pg_try_advisory_xact_lock(hashtextextended(p_contributor, p_project_id)) THEN
    RETURN NULL;
  END IF;
  IF (SELECT p.version = p_version FROM project p WHERE p.id = p_project_id) IS NOT TRUE THEN
    PERFORM workbee_stale_version();
  END IF;
  -- First all assignments, then all slots in order of their tasks, as everybody does: nobody waits in a circle.
  SELECT a.state INTO v_state FROM assignment a
  WHERE a.task_id = p_task_id AND a.contributor = p_contributor AND a.project_id = p_project_id FOR UPDATE;
  IF NOT FOUND THEN
    RETURN 'not offered';
  END IF;
  v_left := ARRAY(SELECT a.task_id FROM assignment a
                  WHERE (a.project_id, a.contributor) >= (p_project_id, p_contributor)
                    AND (a.project_id, a.contributor) <= (p_project_id, p_contributor) AND a.state = 'reserved'
                    AND a.task_id <> p_task_id AND a.task_id <> ALL (p_unsent::bigint[])
                  ORDER BY a.project_id, a.contributor FOR UPDATE);
  IF v_left <> '{}' THEN
    IF NOT p_single THEN
      RETURN NULL;
    END IF;
    UPDATE assignment a SET state = 'offered', deadline = NULL
    WHERE a.task_id = ANY (v_left) AND a.contributor = p_contributor;
    PERFORM 1 FROM task_slots s
    WHERE s.task_id = ANY (v_left) OR (s.task_id = p_task_id AND v_state = 'offered') ORDER BY s.task_id FOR UPDATE;
    UPDATE task_slots s SET n_leased = s.n_leased - 1 WHERE s.task_id = ANY (v_left);
  END IF;
  IF v_state IN ('counted', 'surplus') THEN
    RETURN 'answered';
  END IF;
  IF v_state = 'offered' THEN
    SELECT s.is_open INTO v_is_open FROM task_slots s WHERE s.task_id = p_task_id FOR UPDATE;
    IF NOT v_is_open AND workbee_expire_leases_of_task(p_task_id) > 0 THEN
      SELECT s.is_open INTO v_is_open FROM task_slots s WHERE s.task_id = p_task_id;
    END IF;
    IF NOT v_is_open THEN
      RETURN 'gone';
    END IF;
    UPDATE task_slots s SET n_leased = s.n_leased + 1 WHERE s.task_id = p_task_id;
  END IF;
  UPDATE assignment a SET state = 'reserved', requested_at = now(),
    deadline = greatest(a.deadline, now() + make_interval(secs => p_lease_seconds))
  WHERE a.task_id = p_task_id AND a.contributor = p_contributor;
  RETURN 'reserved';
END $$;
