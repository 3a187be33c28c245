-- Take a slot that is not made use of, for somebody to whom nothing else is open: one that is reserved for themselves;
-- one of a task that another has drawn ahead and is not at yet; the one leased longest, if that is far beyond what the
-- project's answers usually take. Its task, or null.
CREATE OR REPLACE FUNCTION workbee_steal_lease(p_project_id bigint, p_contributor text, p_lease_seconds bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_usual double precision;
  v_task bigint;
  v_holder text;
BEGIN
  SELECT a.task_id, a.contributor INTO v_task, v_holder FROM assignment a
  WHERE (a.project_id, a.contributor) >= (p_project_id, p_contributor)
    AND (a.project_id, a.contributor) <= (p_project_id, p_contributor) AND a.state = 'reserved'
  ORDER BY a.project_id, a.contributor LIMIT 1 FOR UPDATE SKIP LOCKED;
  IF v_task IS NULL THEN
    -- The geometric mean of the latest answers: a volunteer at lunch does not make everybody wait as long.
    SELECT exp(sum(c.ln_seconds * least(c.n_task_runs, 20)) / nullif(sum(least(c.n_task_runs, 20)), 0)) INTO v_usual
    FROM project_counter c WHERE c.project_id = p_project_id AND c.ln_seconds IS NOT NULL AND c.n_task_runs > 0;
    SELECT a.task_id, a.contributor INTO v_task, v_holder FROM assignment a
    WHERE a.project_id = p_project_id AND a.state IN ('leased', 'reserved') AND a.contributor <> p_contributor
      AND (a.requested_at <= now() - make_interval(secs => least(p_lease_seconds, greatest(10, 6 * v_usual)))
           AND v_usual IS NOT NULL
        -- Who is at a task has it reserved; what they have leased besides is ahead of them.
        OR a.state = 'leased' AND EXISTS (SELECT 1 FROM assignment at_it WHERE at_it.project_id = p_project_id
                                        AND at_it.contributor = a.contributor AND at_it.state = 'reserved'))
      AND NOT EXISTS (SELECT 1 FROM assignment mine WHERE mine.task_id = a.task_id
                      AND mine.contributor = p_contributor AND mine.state <> 'offered')
    ORDER BY a.deadline LIMIT 1 FOR UPDATE SKIP LOCKED;
  END IF;
  IF v_task IS NULL THEN
    RETURN NULL;
  END IF;
  UPDATE assignment a SET state = 'offered', deadline = NULL WHERE a.task_id = v_task AND a.contributor = v_holder;
  UPDATE task_slots s SET n_leased = s.n_leased - 1 WHERE s.task_id = v_task;
  RETURN v_task;
END $$;
