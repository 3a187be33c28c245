-- Written by db/functions/ordered.py: change that, not this.
-- The first open task for a contributor in this order (`p_order`, or else `p_sort`), its slots locked: passing over
-- locked rows, or waiting for them. `p_cursor` is where their list begins (`workbee_cursor`): the gaps are looked at
-- first, then the list from there on.
CREATE OR REPLACE FUNCTION workbee_lock_first_open(p_project_id bigint, p_contributor text, p_order text, p_sort text,
  p_wait boolean, p_cursor bigint[])
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  v_first bigint;
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
  IF v_gaps <> '{}' THEN
    SELECT s.task_id INTO v_first FROM task_slots s
    WHERE s.task_id = ANY (v_gaps)
      AND s.is_open
      AND coalesce((SELECT a.state FROM assignment a
                    WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                   'offered') = 'offered'
      -- A gap moves on with each answer there: beyond the cursor it is in the list itself.
      AND CASE p_order
        WHEN 'breadth' THEN (s.breadth, s.task_id) < (v_breadth, v_task)
        WHEN 'breadth_priority' THEN (s.breadth, -s.priority_0, s.task_id) < (v_breadth, v_priority_0, v_task)
        ELSE true END
    ORDER BY
    CASE WHEN p_order IN ('breadth', 'breadth_priority') THEN s.breadth END,
    CASE WHEN p_order IN ('breadth_priority') THEN -s.priority_0 END,
    CASE WHEN p_order IN ('breadth', 'breadth_priority') THEN s.task_id END, array_position(v_gaps, s.task_id)
    LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
    IF FOUND THEN
      RETURN v_first;
    END IF;
  END IF;
  IF p_order = 'id' THEN
    IF p_wait THEN
      SELECT s.task_id INTO v_first FROM task_slots s
      WHERE (s.project_id, s.task_id) >= (p_project_id, v_task)
        AND s.project_id <= p_project_id
        AND s.is_open
        AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                     'offered') = 'offered'
      ORDER BY s.project_id, s.task_id LIMIT 1 FOR UPDATE OF s;
    ELSE
      SELECT s.task_id INTO v_first FROM task_slots s
      WHERE (s.project_id, s.task_id) >= (p_project_id, v_task)
        AND s.project_id <= p_project_id
        AND s.is_open
        AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                     'offered') = 'offered'
      ORDER BY s.project_id, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
    END IF;
  ELSIF p_order = 'priority' THEN
    IF p_wait THEN
      SELECT s.task_id INTO v_first FROM task_slots s
      WHERE (s.project_id, -s.priority_0, s.task_id) >= (p_project_id, v_priority_0, v_task)
        AND s.project_id <= p_project_id
        AND s.is_open
        AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                     'offered') = 'offered'
      ORDER BY s.project_id, -s.priority_0, s.task_id LIMIT 1 FOR UPDATE OF s;
    ELSE
      SELECT s.task_id INTO v_first FROM task_slots s
      WHERE (s.project_id, -s.priority_0, s.task_id) >= (p_project_id, v_priority_0, v_task)
        AND s.project_id <= p_project_id
        AND s.is_open
        AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                     'offered') = 'offered'
      ORDER BY s.project_id, -s.priority_0, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
    END IF;
  ELSIF p_order = 'created' THEN
    IF p_wait THEN
      SELECT s.task_id INTO v_first FROM task_slots s
      WHERE (s.project_id, s.created, s.task_id) >= (p_project_id, v_created, v_task)
        AND s.project_id <= p_project_id
        AND s.is_open
        AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                     'offered') = 'offered'
      ORDER BY s.project_id, s.created, s.task_id LIMIT 1 FOR UPDATE OF s;
    ELSE
      SELECT s.task_id INTO v_first FROM task_slots s
      WHERE (s.project_id, s.created, s.task_id) >= (p_project_id, v_created, v_task)
        AND s.project_id <= p_project_id
        AND s.is_open
        AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                     'offered') = 'offered'
      ORDER BY s.project_id, s.created, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
    END IF;
  ELSIF p_order = 'breadth' THEN
    IF p_wait THEN
      SELECT s.task_id INTO v_first FROM task_slots s
      WHERE (s.project_id, s.breadth, s.task_id) >= (p_project_id, v_breadth, v_task)
        AND s.project_id <= p_project_id
        AND s.is_open
        AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                     'offered') = 'offered'
      ORDER BY s.project_id, s.breadth, s.task_id LIMIT 1 FOR UPDATE OF s;
    ELSE
      SELECT s.task_id INTO v_first FROM task_slots s
      WHERE (s.project_id, s.breadth, s.task_id) >= (p_project_id, v_breadth, v_task)
        AND s.project_id <= p_project_id
        AND s.is_open
        AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                     'offered') = 'offered'
      ORDER BY s.project_id, s.breadth, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
    END IF;
  ELSIF p_order = 'breadth_priority' THEN
    IF p_wait THEN
      SELECT s.task_id INTO v_first FROM task_slots s
      WHERE (s.project_id, s.breadth, -s.priority_0, s.task_id) >= (p_project_id, v_breadth, v_priority_0, v_task)
        AND s.project_id <= p_project_id
        AND s.is_open
        AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                     'offered') = 'offered'
      ORDER BY s.project_id, s.breadth, -s.priority_0, s.task_id LIMIT 1 FOR UPDATE OF s;
    ELSE
      SELECT s.task_id INTO v_first FROM task_slots s
      WHERE (s.project_id, s.breadth, -s.priority_0, s.task_id) >= (p_project_id, v_breadth, v_priority_0, v_task)
        AND s.project_id <= p_project_id
        AND s.is_open
        AND coalesce((SELECT a.state FROM assignment a
                      WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                     'offered') = 'offered'
      ORDER BY s.project_id, s.breadth, -s.priority_0, s.task_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED;
    END IF;
  ELSE
    EXECUTE format('SELECT s.task_id FROM task_slots s JOIN task t ON t.id = s.task_id
      WHERE s.project_id = $1 AND s.is_open
        AND NOT EXISTS (SELECT 1 FROM assignment a WHERE a.task_id = s.task_id AND a.contributor = $2
                        AND a.state <> ''offered'')
      ORDER BY %s LIMIT 1 FOR UPDATE OF s %s', p_sort, CASE WHEN p_wait THEN '' ELSE 'SKIP LOCKED' END)
    INTO v_first USING p_project_id, p_contributor;
  END IF;
  RETURN v_first;
END $$;
