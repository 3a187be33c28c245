-- Written by db/functions/ordered.py: change that, not this.
-- Part of a contributor's list in this order: open tasks, and the one that they have leased (`p_leased`) among them.
-- It begins at `p_cursor` (`workbee_cursor`), but for the gaps before that. Without an indexed order, or where tasks in
-- any state are asked for, all are sorted by `p_sort`. Stable, so that who looks at more than this may see the same
-- moment (`workbee_has_work`).
CREATE OR REPLACE FUNCTION workbee_open_tasks(p_project_id bigint, p_contributor text, p_order text, p_sort text,
  p_any_state boolean, p_leased bigint, p_without bigint, p_limit bigint, p_offset bigint, p_cursor bigint[])
RETURNS SETOF bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_task bigint := coalesce(p_cursor[1], 0);
  v_breadth int := coalesce(p_cursor[2], 0);
  v_gaps bigint[] := coalesce(p_cursor[3:], '{}');
  v_priority_0 double precision := '-Infinity';
  v_created timestamptz := '-infinity';
BEGIN
  IF v_task > 0 AND p_order NOT IN ('id', 'breadth') THEN
    SELECT -s.priority_0, s.created INTO v_priority_0, v_created
    FROM task_slots s WHERE s.task_id = v_task;
    IF NOT FOUND THEN
      v_task := 0;
      v_breadth := 0;
      v_gaps := '{}';
      v_priority_0 := '-Infinity';
      v_created := '-infinity';
    END IF;
  END IF;
  IF p_order = 'id' AND NOT p_any_state THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s
       WHERE (s.project_id, s.task_id) >= (p_project_id, v_task)
      AND s.project_id <= p_project_id
         AND s.is_open
         AND coalesce((SELECT a.state FROM assignment a
                       WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                      'offered') = 'offered'
       ORDER BY s.project_id, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_leased)
      UNION ALL (SELECT s.* FROM task_slots s
       WHERE s.task_id = ANY (v_gaps)
         AND s.is_open
         AND coalesce((SELECT a.state FROM assignment a
                       WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                      'offered') = 'offered')
    ) s WHERE s.task_id IS DISTINCT FROM p_without
    ORDER BY s.task_id LIMIT p_limit OFFSET p_offset;
  ELSIF p_order = 'priority' AND NOT p_any_state THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s
       WHERE (s.project_id, -s.priority_0, s.task_id) >= (p_project_id, v_priority_0, v_task)
      AND s.project_id <= p_project_id
         AND s.is_open
         AND coalesce((SELECT a.state FROM assignment a
                       WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                      'offered') = 'offered'
       ORDER BY s.project_id, -s.priority_0, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_leased)
      UNION ALL (SELECT s.* FROM task_slots s
       WHERE s.task_id = ANY (v_gaps)
         AND s.is_open
         AND coalesce((SELECT a.state FROM assignment a
                       WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                      'offered') = 'offered')
    ) s WHERE s.task_id IS DISTINCT FROM p_without
    ORDER BY -s.priority_0, s.task_id LIMIT p_limit OFFSET p_offset;
  ELSIF p_order = 'created' AND NOT p_any_state THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s
       WHERE (s.project_id, s.created, s.task_id) >= (p_project_id, v_created, v_task)
      AND s.project_id <= p_project_id
         AND s.is_open
         AND coalesce((SELECT a.state FROM assignment a
                       WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                      'offered') = 'offered'
       ORDER BY s.project_id, s.created, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_leased)
      UNION ALL (SELECT s.* FROM task_slots s
       WHERE s.task_id = ANY (v_gaps)
         AND s.is_open
         AND coalesce((SELECT a.state FROM assignment a
                       WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                      'offered') = 'offered')
    ) s WHERE s.task_id IS DISTINCT FROM p_without
    ORDER BY s.created, s.task_id LIMIT p_limit OFFSET p_offset;
  ELSIF p_order = 'breadth' AND NOT p_any_state THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s
       WHERE (s.project_id, s.breadth, s.task_id) >= (p_project_id, v_breadth, v_task)
      AND s.project_id <= p_project_id
         AND s.is_open
         AND coalesce((SELECT a.state FROM assignment a
                       WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                      'offered') = 'offered'
       ORDER BY s.project_id, s.breadth, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_leased)
      UNION ALL (SELECT s.* FROM task_slots s
       WHERE s.task_id = ANY (v_gaps)
         AND s.is_open
         AND coalesce((SELECT a.state FROM assignment a
                       WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                      'offered') = 'offered'
         AND (s.breadth, s.task_id) < (v_breadth, v_task))
    ) s WHERE s.task_id IS DISTINCT FROM p_without
    ORDER BY s.breadth, s.task_id LIMIT p_limit OFFSET p_offset;
  ELSIF p_order = 'breadth_priority' AND NOT p_any_state THEN
    RETURN QUERY SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s
       WHERE (s.project_id, s.breadth, -s.priority_0, s.task_id) >= (p_project_id, v_breadth, v_priority_0, v_task)
      AND s.project_id <= p_project_id
         AND s.is_open
         AND coalesce((SELECT a.state FROM assignment a
                       WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                      'offered') = 'offered'
       ORDER BY s.project_id, s.breadth, -s.priority_0, s.task_id LIMIT p_limit + p_offset + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = p_leased)
      UNION ALL (SELECT s.* FROM task_slots s
       WHERE s.task_id = ANY (v_gaps)
         AND s.is_open
         AND coalesce((SELECT a.state FROM assignment a
                       WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                      'offered') = 'offered'
         AND (s.breadth, -s.priority_0, s.task_id) < (v_breadth, v_priority_0, v_task))
    ) s WHERE s.task_id IS DISTINCT FROM p_without
    ORDER BY s.breadth, -s.priority_0, s.task_id LIMIT p_limit OFFSET p_offset;
  ELSE
    -- Where the order is random, the task already leased comes first, so that looking ahead shows others.
    RETURN QUERY EXECUTE format('SELECT s.task_id FROM (
      (SELECT s.* FROM task_slots s JOIN task t ON t.id = s.task_id
       WHERE s.project_id = $1 %1$s
         AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.task_id = s.task_id AND a.contributor = $2
                         AND a.state <> ''offered'')
       ORDER BY %2$s LIMIT $5 + $6 + 1)
      UNION ALL (SELECT s.* FROM task_slots s WHERE s.task_id = $3)
    ) s JOIN task t ON t.id = s.task_id WHERE s.task_id IS DISTINCT FROM $4
    ORDER BY %3$s %2$s LIMIT $5 OFFSET $6', CASE WHEN p_any_state THEN '' ELSE 'AND s.is_open' END, p_sort,
      CASE WHEN p_sort = 'random()' THEN '(s.task_id IS NOT DISTINCT FROM $3) DESC,' ELSE '' END)
    USING p_project_id, p_contributor, p_leased, p_without, p_limit, p_offset;
  END IF;
END $$;
