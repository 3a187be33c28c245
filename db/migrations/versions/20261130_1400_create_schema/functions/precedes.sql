-- Written by db/functions/ordered.py: change that, not this.
-- Whether the task that is leased precedes the other one in this order (`p_order`, or else `p_sort`).
CREATE OR REPLACE FUNCTION workbee_precedes(p_order text, p_sort text, p_leased bigint, p_other bigint)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  v_precedes boolean;
  v_first bigint;
BEGIN
  IF p_order = 'id' THEN
    RETURN p_leased <= p_other;
  END IF;
  SELECT CASE p_order
    WHEN 'priority' THEN (-l.priority_0, l.task_id) <= (-o.priority_0, o.task_id)
    WHEN 'created' THEN (l.created, l.task_id) <= (o.created, o.task_id)
    WHEN 'breadth' THEN (l.breadth, l.task_id) <= (o.breadth, o.task_id)
    WHEN 'breadth_priority' THEN (l.breadth, -l.priority_0, l.task_id) <= (o.breadth, -o.priority_0, o.task_id)
  END INTO v_precedes
  FROM task_slots l, task_slots o WHERE l.task_id = p_leased AND o.task_id = p_other;
  IF v_precedes IS NULL THEN
    EXECUTE format('SELECT s.task_id FROM task_slots s JOIN task t ON t.id = s.task_id
      WHERE s.task_id IN ($1, $2) ORDER BY %s LIMIT 1', p_sort) INTO v_first USING p_leased, p_other;
    v_precedes := v_first = p_leased;
  END IF;
  RETURN v_precedes;
END $$;
