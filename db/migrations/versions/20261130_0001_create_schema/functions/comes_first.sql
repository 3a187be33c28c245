-- Whether the task held comes before the other one in this order.
CREATE OR REPLACE FUNCTION workbee_comes_first(p_order text, p_held bigint, p_other bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_is_first boolean;
  v_first bigint;
BEGIN
  IF p_order = 's.task_id' THEN
    RETURN p_held <= p_other;
  END IF;
  SELECT CASE p_order
    WHEN 's.priority_0 DESC, s.task_id' THEN (-h.priority_0, h.task_id) <= (-o.priority_0, o.task_id)
    WHEN 's.created, s.task_id' THEN (h.created, h.task_id) <= (o.created, o.task_id)
    WHEN 's.breadth, s.task_id' THEN (h.breadth, h.task_id) <= (o.breadth, o.task_id)
    WHEN 's.breadth, s.priority_0 DESC, s.task_id'
      THEN (h.breadth, -h.priority_0, h.task_id) <= (o.breadth, -o.priority_0, o.task_id)
  END INTO v_is_first
  FROM task_slots h, task_slots o WHERE h.task_id = p_held AND o.task_id = p_other;
  IF v_is_first IS NULL THEN
    EXECUTE format('SELECT s.task_id FROM task_slots s JOIN task t ON t.id = s.task_id
      WHERE s.task_id IN ($1, $2) ORDER BY %s LIMIT 1', p_order) INTO v_first USING p_held, p_other;
    v_is_first := v_first = p_held;
  END IF;
  RETURN v_is_first;
END $$;
