-- Turn slots past their deadline into leave, a hundred at the most. Who does not wait begins at the remembered time.
CREATE OR REPLACE FUNCTION workbee_reclaim(p_project bigint, p_wait boolean)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF p_wait THEN
    PERFORM pg_advisory_xact_lock(2002911233, p_project::int);
  ELSIF NOT pg_try_advisory_xact_lock(2002911233, p_project::int) THEN
    RETURN;
  END IF;
  WITH overdue AS (
    SELECT a.task_id, a.contributor FROM assignment a
    WHERE a.project_id = p_project AND a.state IN ('held', 'reserved') AND a.deadline <= now()
      AND a.deadline >= CASE WHEN p_wait THEN '-infinity' ELSE workbee_none_due_before(p_project) END
    ORDER BY a.deadline LIMIT 100 FOR UPDATE SKIP LOCKED
  ), lent AS (
    UPDATE assignment a SET state = 'lent', deadline = NULL FROM overdue o
    WHERE a.task_id = o.task_id AND a.contributor = o.contributor RETURNING a.task_id
  )
  UPDATE task_slots s SET n_held = s.n_held - freed.n
  FROM (SELECT l.task_id, count(*)::int AS n FROM lent l GROUP BY l.task_id) freed WHERE s.task_id = freed.task_id;
END $$;
