-- The first open task for a contributor in this order, its slots locked: passing over locked rows, or waiting for
-- them. `p_place` is where the list begins (`workbee_list_from`): the holes are looked at first, then the list from
-- there on. Each order has a statement of its own, so that its plan can be kept and only the index that serves it fits.
CREATE OR REPLACE FUNCTION workbee_first_open(p_project bigint, p_contributor text, p_order text, p_wait boolean,
  p_place bigint[])
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_task bigint;
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
  IF v_holes <> '{}' THEN
    -- Where breadth comes first, a hole moves on with each answer: beyond the place it is in the list itself.
    SELECT s.task_id INTO v_task FROM task_slots s WHERE s.task_id = ANY (v_holes) AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent'
      AND CASE p_order WHEN 's.breadth, s.task_id' THEN (s.breadth, s.task_id) < (v_breadth, v_from)
          WHEN 's.breadth, s.priority_0 DESC, s.task_id'
            THEN (s.breadth, -s.priority_0, s.task_id) < (v_breadth, v_priority, v_from) ELSE true END
    ORDER BY CASE WHEN p_order LIKE 's.breadth%' THEN s.breadth END,
      CASE p_order WHEN 's.breadth, s.priority_0 DESC, s.task_id' THEN -s.priority_0 END,
      CASE WHEN p_order LIKE 's.breadth%' THEN s.task_id END, array_position(v_holes, s.task_id)
    LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
    IF FOUND THEN
      RETURN v_task;
    END IF;
  END IF;
  IF p_order = 's.task_id' AND p_wait THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, s.task_id) >= (p_project, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent'
    ORDER BY s.project_id, s.task_id LIMIT 1 FOR UPDATE OF s;
  ELSIF p_order = 's.task_id' THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, s.task_id) >= (p_project, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent'
    ORDER BY s.project_id, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
  ELSIF p_order = 's.priority_0 DESC, s.task_id' AND p_wait THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, -s.priority_0, s.task_id) >= (p_project, v_priority, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent'
    ORDER BY s.project_id, -s.priority_0, s.task_id LIMIT 1 FOR UPDATE OF s;
  ELSIF p_order = 's.priority_0 DESC, s.task_id' THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, -s.priority_0, s.task_id) >= (p_project, v_priority, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent'
    ORDER BY s.project_id, -s.priority_0, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
  ELSIF p_order = 's.created, s.task_id' AND p_wait THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, s.created, s.task_id) >= (p_project, v_created, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent'
    ORDER BY s.project_id, s.created, s.task_id LIMIT 1 FOR UPDATE OF s;
  ELSIF p_order = 's.created, s.task_id' THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, s.created, s.task_id) >= (p_project, v_created, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent'
    ORDER BY s.project_id, s.created, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
  ELSIF p_order = 's.breadth, s.task_id' AND p_wait THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, s.breadth, s.task_id) >= (p_project, v_breadth, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent'
    ORDER BY s.project_id, s.breadth, s.task_id LIMIT 1 FOR UPDATE OF s;
  ELSIF p_order = 's.breadth, s.task_id' THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, s.breadth, s.task_id) >= (p_project, v_breadth, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent'
    ORDER BY s.project_id, s.breadth, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
  ELSIF p_order = 's.breadth, s.priority_0 DESC, s.task_id' AND p_wait THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, s.breadth, -s.priority_0, s.task_id) >= (p_project, v_breadth, v_priority, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent'
    ORDER BY s.project_id, s.breadth, -s.priority_0, s.task_id LIMIT 1 FOR UPDATE OF s;
  ELSIF p_order = 's.breadth, s.priority_0 DESC, s.task_id' THEN
    SELECT s.task_id INTO v_task FROM task_slots s WHERE (s.project_id, s.breadth, -s.priority_0, s.task_id) >= (p_project, v_breadth, v_priority, v_from) AND s.project_id <= p_project AND s.is_open AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor), 'lent') = 'lent'
    ORDER BY s.project_id, s.breadth, -s.priority_0, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
  ELSE
    EXECUTE format('SELECT s.task_id FROM task_slots s JOIN task t ON t.id = s.task_id
      WHERE s.project_id = $1 AND s.is_open
        AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.task_id = s.task_id AND a.contributor = $2
                        AND a.state <> ''lent'')
      ORDER BY %s LIMIT 1 FOR UPDATE OF s %s', p_order, CASE WHEN p_wait THEN '' ELSE 'SKIP LOCKED' END)
    INTO v_task USING p_project, p_contributor;
  END IF;
  RETURN v_task;
END $$;
