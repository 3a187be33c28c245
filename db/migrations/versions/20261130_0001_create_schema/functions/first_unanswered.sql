-- Where this contributor's list may begin in this order, as `workbee_list_from` describes it: the first open task that
-- they have not answered, and the holes before that, which they could still be given once somebody lets go of a slot.
-- `p_place` is the place that is known. Null if nothing is open to them. Stable, so that all parts see the same moment:
-- a task that is neither complete nor open is held by somebody.
CREATE OR REPLACE FUNCTION workbee_first_unanswered(p_project bigint, p_contributor text, p_order text, p_place bigint[])
RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_first bigint;
  v_all bigint[];
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
  IF p_order = 's.task_id' THEN
    SELECT s.task_id INTO v_first FROM task_slots s WHERE (s.project_id, s.task_id) >= (p_project, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus')
    ORDER BY s.project_id, s.task_id LIMIT 1;
  ELSIF p_order = 's.priority_0 DESC, s.task_id' THEN
    SELECT s.task_id INTO v_first FROM task_slots s WHERE (s.project_id, -s.priority_0, s.task_id) >= (p_project, v_priority, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus')
    ORDER BY s.project_id, -s.priority_0, s.task_id LIMIT 1;
  ELSIF p_order = 's.created, s.task_id' THEN
    SELECT s.task_id INTO v_first FROM task_slots s WHERE (s.project_id, s.created, s.task_id) >= (p_project, v_created, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus')
    ORDER BY s.project_id, s.created, s.task_id LIMIT 1;
  ELSIF p_order = 's.breadth, s.task_id' THEN
    SELECT s.task_id INTO v_first FROM task_slots s WHERE (s.project_id, s.breadth, s.task_id) >= (p_project, v_breadth, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus')
    ORDER BY s.project_id, s.breadth, s.task_id LIMIT 1;
  ELSIF p_order = 's.breadth, s.priority_0 DESC, s.task_id' THEN
    SELECT s.task_id INTO v_first FROM task_slots s WHERE (s.project_id, s.breadth, -s.priority_0, s.task_id) >= (p_project, v_breadth, v_priority, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus')
    ORDER BY s.project_id, s.breadth, -s.priority_0, s.task_id LIMIT 1;
  END IF;
  IF v_first IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT array_agg(s.task_id ORDER BY
    CASE WHEN p_order LIKE 's.breadth%' THEN s.breadth END,
    CASE WHEN p_order LIKE '%s.priority_0 DESC%' THEN -s.priority_0 END,
    CASE p_order WHEN 's.created, s.task_id' THEN s.created END, s.task_id)
  INTO v_all
  FROM task_slots s
  WHERE s.task_id = ANY (ARRAY(SELECT h.task_id FROM assignment h
                               WHERE h.project_id = p_project AND h.state IN ('held', 'reserved')) || v_holes || v_first)
    AND (s.task_id = v_first OR (NOT s.completed AND (NOT s.is_open OR s.task_id = ANY (v_holes))
      AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') NOT IN ('counted', 'surplus')));
  -- More holes than can be looked at each time: the list begins with the first that is too many.
  v_all := v_all[1:least(array_position(v_all, v_first), 51)];
  v_first := v_all[cardinality(v_all)];
  RETURN ARRAY[v_first, (SELECT s.breadth FROM task_slots s WHERE s.task_id = v_first)]
    || v_all[1:cardinality(v_all) - 1];
END $$;
