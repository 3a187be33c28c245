-- Turn the slots of one task that are past their deadline into leave; how many. The caller has locked the task's slots,
-- so whoever is just answering is passed over rather than waited for: they hold their assignment and want the slots.
CREATE OR REPLACE FUNCTION workbee_free_overdue(p_task bigint) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  v_freed int;
BEGIN
  WITH overdue AS (
    SELECT a.contributor FROM assignment a
    WHERE a.task_id = p_task AND a.state IN ('held', 'reserved') AND a.deadline <= now() FOR UPDATE SKIP LOCKED
  ), lent AS (
    UPDATE assignment a SET state = 'lent', deadline = NULL FROM overdue o
    WHERE a.task_id = p_task AND a.contributor = o.contributor RETURNING 1
  )
  SELECT count(*) INTO v_freed FROM lent;
  IF v_freed > 0 THEN
    UPDATE task_slots s SET n_held = s.n_held - v_freed WHERE s.task_id = p_task;
  END IF;
  RETURN v_freed;
END $$;
