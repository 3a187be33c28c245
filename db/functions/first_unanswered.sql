-- The first task in this order that a contributor could still be given, now or once somebody lets go of it. Stable, so
-- that both parts see the same moment: a task that is neither complete nor open is held by somebody.
CREATE OR REPLACE FUNCTION workbee_first_unanswered(p_project bigint, p_contributor text, p_order text, p_from bigint)
RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_task bigint;
  v_from bigint := coalesce(p_from, 0);
  v_priority double precision := '-Infinity';
  v_created timestamptz := '-infinity';
BEGIN
  IF p_from IS NOT NULL AND p_order <> 's.task_id' THEN
    SELECT -s.priority_0, s.created INTO v_priority, v_created FROM task_slots s WHERE s.task_id = p_from;
    IF NOT FOUND THEN
      v_from := 0;
      v_priority := '-Infinity';
      v_created := '-infinity';
    END IF;
  END IF;
  IF p_order = 's.task_id' THEN
    SELECT s.task_id INTO v_task FROM (
      (SELECT s.* FROM task_slots s WHERE (s.project_id, s.task_id) >= (p_project, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus')
       ORDER BY s.project_id, s.task_id LIMIT 1)
      UNION ALL
      (SELECT s.* FROM assignment h JOIN task_slots s ON s.task_id = h.task_id
       WHERE h.project_id = p_project AND h.state IN ('held', 'reserved') AND NOT s.completed
         AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus'))
    ) s ORDER BY s.task_id LIMIT 1;
  ELSIF p_order = 's.priority_0 DESC, s.task_id' THEN
    SELECT s.task_id INTO v_task FROM (
      (SELECT s.* FROM task_slots s WHERE (s.project_id, -s.priority_0, s.task_id) >= (p_project, v_priority, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus')
       ORDER BY s.project_id, -s.priority_0, s.task_id LIMIT 1)
      UNION ALL
      (SELECT s.* FROM assignment h JOIN task_slots s ON s.task_id = h.task_id
       WHERE h.project_id = p_project AND h.state IN ('held', 'reserved') AND NOT s.completed
         AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus'))
    ) s ORDER BY s.priority_0 DESC, s.task_id LIMIT 1;
  ELSIF p_order = 's.created, s.task_id' THEN
    SELECT s.task_id INTO v_task FROM (
      (SELECT s.* FROM task_slots s WHERE (s.project_id, s.created, s.task_id) >= (p_project, v_created, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus')
       ORDER BY s.project_id, s.created, s.task_id LIMIT 1)
      UNION ALL
      (SELECT s.* FROM assignment h JOIN task_slots s ON s.task_id = h.task_id
       WHERE h.project_id = p_project AND h.state IN ('held', 'reserved') AND NOT s.completed
         AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus'))
    ) s ORDER BY s.created, s.task_id LIMIT 1;
  END IF;
  RETURN v_task;
END $$;
