-- Turn leases past their deadline into offers, a hundred at the most. Who does not wait begins at the watermark.
CREATE OR REPLACE FUNCTION workbee_expire_leases(p_project_id bigint, p_wait boolean)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF p_wait THEN
    PERFORM pg_advisory_xact_lock(2002911233, (p_project_id % 2147483647)::int);
  ELSIF NOT pg_try_advisory_xact_lock(2002911233, (p_project_id % 2147483647)::int) THEN
    RETURN;
  END IF;
  WITH overdue AS (
    SELECT a.task_id, a.contributor FROM assignment a
    WHERE a.project_id = p_project_id AND a.state IN ('leased', 'reserved') AND a.deadline <= now()
      AND a.deadline >= CASE WHEN p_wait THEN '-infinity' ELSE workbee_deadline_watermark(p_project_id) END
    ORDER BY a.deadline LIMIT 100 FOR UPDATE SKIP LOCKED
  ), expired AS (
    UPDATE assignment a SET state = 'offered', deadline = NULL FROM overdue o
    WHERE a.task_id = o.task_id AND a.contributor = o.contributor RETURNING a.task_id
  )
  UPDATE task_slots s SET n_leased = s.n_leased - freed.n
  FROM (SELECT l.task_id, count(*)::int AS n FROM expired l GROUP BY l.task_id) freed WHERE s.task_id = freed.task_id;
END $$;
