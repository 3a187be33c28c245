-- Turn the leases of one task that are past their deadline into offers; how many. The caller has locked the task's
-- slots, so whoever is just answering is passed over rather than waited for: they have locked their assignment and
-- want the slots.
CREATE OR REPLACE FUNCTION workbee_expire_leases_of_task(p_task_id bigint) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_freed int;
BEGIN
  WITH overdue AS (
    SELECT a.contributor FROM assignment a
    WHERE a.task_id = p_task_id AND a.state IN ('leased', 'reserved') AND a.deadline <= now() FOR UPDATE SKIP LOCKED
  ), expired AS (
    UPDATE assignment a SET state = 'offered', deadline = NULL FROM overdue o
    WHERE a.task_id = p_task_id AND a.contributor = o.contributor RETURNING 1
  )
  SELECT count(*) INTO v_freed FROM expired;
  IF v_freed > 0 THEN
    UPDATE task_slots s SET n_leased = s.n_leased - v_freed WHERE s.task_id = p_task_id;
  END IF;
  RETURN v_freed;
END $$;
