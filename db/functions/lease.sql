-- Lease a slot of an offered task as it is shown: `leased`, `gone` if all have been taken, or `not offered`. An error
-- of ours (WB001) if the project is not at the version that the caller has read. In a batch (`p_single` false,
-- `db.batching`) it is null where it would wait for more than the slots of this task: to be called by itself.
CREATE OR REPLACE FUNCTION workbee_lease(p_project_id bigint, p_task_id bigint, p_contributor text,
  p_lease_seconds bigint, p_version bigint, p_single boolean DEFAULT true)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  v_state text;
  v_leased bigint;
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
  IF NOT FOUND OR v_state IN ('counted', 'surplus') THEN
    RETURN 'not offered';
  END IF;
  IF v_state IN ('leased', 'reserved') THEN
    UPDATE assignment a SET requested_at = now(),
      deadline = greatest(a.deadline, now() + make_interval(secs => p_lease_seconds))
    WHERE a.task_id = p_task_id AND a.contributor = p_contributor;
    RETURN 'leased';
  END IF;
  SELECT a.task_id INTO v_leased FROM assignment a
  WHERE (a.project_id, a.contributor) >= (p_project_id, p_contributor)
    AND (a.project_id, a.contributor) <= (p_project_id, p_contributor) AND a.state = 'leased'
  ORDER BY a.project_id, a.contributor LIMIT 1;
  IF v_leased IS NOT NULL THEN
    IF NOT p_single THEN
      RETURN NULL;
    END IF;
    UPDATE assignment a SET state = 'offered', deadline = NULL
    WHERE a.task_id = v_leased AND a.contributor = p_contributor AND a.state = 'leased';
    IF FOUND THEN
      PERFORM 1 FROM task_slots s WHERE s.task_id = least(p_task_id, v_leased) FOR UPDATE;
    ELSE
      v_leased := NULL;
    END IF;
  END IF;
  SELECT s.is_open INTO v_is_open FROM task_slots s WHERE s.task_id = p_task_id FOR UPDATE;
  IF v_leased IS NOT NULL THEN
    UPDATE task_slots s SET n_leased = s.n_leased - 1 WHERE s.task_id = v_leased;
  END IF;
  IF NOT v_is_open AND workbee_expire_leases_of_task(p_task_id) > 0 THEN
    SELECT s.is_open INTO v_is_open FROM task_slots s WHERE s.task_id = p_task_id;
  END IF;
  IF NOT v_is_open THEN
    RETURN 'gone';
  END IF;
  UPDATE task_slots s SET n_leased = s.n_leased + 1 WHERE s.task_id = p_task_id;
  UPDATE assignment a SET state = 'leased', requested_at = now(),
    deadline = now() + make_interval(secs => p_lease_seconds)
  WHERE a.task_id = p_task_id AND a.contributor = p_contributor;
  RETURN 'leased';
END $$;
