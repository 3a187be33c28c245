-- Whether the task held comes before the other one in this order.
CREATE OR REPLACE FUNCTION workbee_comes_first(p_order text, p_held bigint, p_other bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_first bigint;
BEGIN
  IF p_order = 's.task_id' THEN
    RETURN p_held <= p_other;
  END IF;
  EXECUTE format('SELECT s.task_id FROM task_slots s JOIN task t ON t.id = s.task_id
    WHERE s.task_id IN ($1, $2) ORDER BY %s LIMIT 1', p_order) INTO v_first USING p_held, p_other;
  RETURN v_first = p_held;
END $$;
