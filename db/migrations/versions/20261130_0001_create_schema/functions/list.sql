-- Part of a contributor's list in this order: open tasks, and the one that they hold (`p_held`) among them. It begins at
-- `p_place` (`workbee_list_from`), but for the holes before that. Stable, so that who looks at more than this may see the
-- same moment (`workbee_anything_left`).
CREATE OR REPLACE FUNCTION workbee_list(p_project bigint, p_contributor text, p_order text, p_any boolean,
  p_held bigint, p_without bigint, p_limit int, p_offset int, p_place bigint[])
RETURNS SETOF bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_from bigint := coalesce(p_place[1], 0);
  v_breadth int := coalesce(p_place[2], 0);
  v_holes bigint[] := coalesce(p_place[3:], '{}');
  v_priority double precision := '-Infinity';
  v_created timestamptz := '-infinity';
BEGIN
  IF v_from > 0 AND p_order NOT IN ('s.task_id', 's.breadth, s.task_id') THEN
    SELECT -s.priority_0, s.created INTO v_priority, v_created FROM task_slots s WHERE s.task_id = v_from;
    IF NOT FOUND THEN
      v_from := 0;
      v_breadth := 0;
      v_holes := '{}';
      v_priority := '-Infinity';
      v_created := '-infinity';
    END IF;
  END IF;
  IF p_order = 's.task_id' AND NOT p_any THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s WHERE (s.project_id, s.task_id) >= (p_project, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = ANY (v_holes) AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent')
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY s.task_id LIMIT p_limit OFFSET p_offset;
  ELSIF p_order = 's.priority_0 DESC, s.task_id' AND NOT p_any THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s WHERE (s.project_id, -s.priority_0, s.task_id) >= (p_project, v_priority, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, -s.priority_0, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = ANY (v_holes) AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent')
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY s.priority_0 DESC, s.task_id LIMIT p_limit OFFSET p_offset;
  ELSIF p_order = 's.created, s.task_id' AND NOT p_any THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s WHERE (s.project_id, s.created, s.task_id) >= (p_project, v_created, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.created, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = ANY (v_holes) AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent')
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY s.created, s.task_id LIMIT p_limit OFFSET p_offset;
  ELSIF p_order = 's.breadth, s.task_id' AND NOT p_any THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s WHERE (s.project_id, s.breadth, s.task_id) >= (p_project, v_breadth, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.breadth, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = ANY (v_holes) AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent'
         AND (s.breadth, s.task_id) < (v_breadth, v_from))
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY s.breadth, s.task_id LIMIT p_limit OFFSET p_offset;
  ELSIF p_order = 's.breadth, s.priority_0 DESC, s.task_id' AND NOT p_any THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s WHERE (s.project_id, s.breadth, -s.priority_0, s.task_id) >= (p_project, v_breadth, v_priority, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent' ORDER BY s.project_id, s.breadth, -s.priority_0, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_held)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = ANY (v_holes) AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent'
         AND (s.breadth, -s.priority_0, s.task_id) < (v_breadth, v_priority, v_from))
    ) s WHERE s.task_id IS DISTINCT FROM p_without ORDER BY s.breadth, s.priority_0 DESC, s.task_id LIMIT p_limit OFFSET p_offset;
  ELSE
    -- Where the order is random, the task already held comes first, so that looking ahead shows others.
    RETURN QUERY EXECUTE format('SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s JOIN task t ON t.id = s.task_id
       WHERE s.project_id = $1 %1$s
         AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.task_id = s.task_id AND a.contributor = $2
                         AND a.state <> ''lent'')
       ORDER BY %2$s LIMIT $5 + $6 + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = $3)
    ) s JOIN task t ON t.id = s.task_id WHERE s.task_id IS DISTINCT FROM $4
    ORDER BY %3$s %2$s LIMIT $5 OFFSET $6', CASE WHEN p_any THEN '' ELSE 'AND s.is_open' END, p_order,
      CASE WHEN p_order = 'random()' THEN '(s.task_id IS NOT DISTINCT FROM $3) DESC,' ELSE '' END)
    USING p_project, p_contributor, p_held, p_without, p_limit, p_offset;
  END IF;
END $$;
