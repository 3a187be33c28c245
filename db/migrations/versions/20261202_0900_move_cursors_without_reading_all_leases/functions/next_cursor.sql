-- Written by db/functions/ordered.py: change that, not this.
-- Where this contributor's list may begin in this order, as `workbee_cursor` describes it: the first open task that
-- they have not answered, and the gaps before that, which they could still be given once somebody lets go of a slot.
-- `p_cursor` is the one that is known. Null if nothing is open to them. Stable, so that all parts see the same moment:
-- a task that is neither complete nor open is leased by somebody.
CREATE OR REPLACE FUNCTION workbee_next_cursor(p_project_id bigint, p_contributor text, p_order text, p_cursor bigint[])
RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_first bigint;
  v_passed bigint;
  v_since bigint;
  v_before bigint;
  v_most bigint;
  v_leased bigint[];
  v_all bigint[];
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
  IF p_order = 'id' THEN
    SELECT s.task_id, s.passed INTO v_first, v_passed FROM (
      SELECT s.task_id, row_number() OVER listed - 1 AS passed FROM task_slots s
      WHERE (s.project_id, s.task_id) >= (p_project_id, v_task)
        AND s.project_id <= p_project_id
        AND s.is_open
      WINDOW listed AS (
        ORDER BY s.project_id, s.task_id)
      ORDER BY s.project_id, s.task_id
    ) s
    WHERE coalesce((SELECT a.state FROM assignment a
                    WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                   'offered') NOT IN ('counted', 'surplus') LIMIT 1;
  ELSIF p_order = 'priority' THEN
    SELECT s.task_id, s.passed INTO v_first, v_passed FROM (
      SELECT s.task_id, row_number() OVER listed - 1 AS passed FROM task_slots s
      WHERE (s.project_id, -s.priority_0, s.task_id) >= (p_project_id, v_priority_0, v_task)
        AND s.project_id <= p_project_id
        AND s.is_open
      WINDOW listed AS (
        ORDER BY s.project_id, -s.priority_0, s.task_id)
      ORDER BY s.project_id, -s.priority_0, s.task_id
    ) s
    WHERE coalesce((SELECT a.state FROM assignment a
                    WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                   'offered') NOT IN ('counted', 'surplus') LIMIT 1;
  ELSIF p_order = 'created' THEN
    SELECT s.task_id, s.passed INTO v_first, v_passed FROM (
      SELECT s.task_id, row_number() OVER listed - 1 AS passed FROM task_slots s
      WHERE (s.project_id, s.created, s.task_id) >= (p_project_id, v_created, v_task)
        AND s.project_id <= p_project_id
        AND s.is_open
      WINDOW listed AS (
        ORDER BY s.project_id, s.created, s.task_id)
      ORDER BY s.project_id, s.created, s.task_id
    ) s
    WHERE coalesce((SELECT a.state FROM assignment a
                    WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                   'offered') NOT IN ('counted', 'surplus') LIMIT 1;
  ELSIF p_order = 'breadth' THEN
    SELECT s.task_id, s.passed INTO v_first, v_passed FROM (
      SELECT s.task_id, row_number() OVER listed - 1 AS passed FROM task_slots s
      WHERE (s.project_id, s.breadth, s.task_id) >= (p_project_id, v_breadth, v_task)
        AND s.project_id <= p_project_id
        AND s.is_open
      WINDOW listed AS (
        ORDER BY s.project_id, s.breadth, s.task_id)
      ORDER BY s.project_id, s.breadth, s.task_id
    ) s
    WHERE coalesce((SELECT a.state FROM assignment a
                    WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                   'offered') NOT IN ('counted', 'surplus') LIMIT 1;
  ELSIF p_order = 'breadth_priority' THEN
    SELECT s.task_id, s.passed INTO v_first, v_passed FROM (
      SELECT s.task_id, row_number() OVER listed - 1 AS passed FROM task_slots s
      WHERE (s.project_id, s.breadth, -s.priority_0, s.task_id) >= (p_project_id, v_breadth, v_priority_0, v_task)
        AND s.project_id <= p_project_id
        AND s.is_open
      WINDOW listed AS (
        ORDER BY s.project_id, s.breadth, -s.priority_0, s.task_id)
      ORDER BY s.project_id, s.breadth, -s.priority_0, s.task_id
    ) s
    WHERE coalesce((SELECT a.state FROM assignment a
                    WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                   'offered') NOT IN ('counted', 'surplus') LIMIT 1;
  END IF;
  IF v_first IS NULL THEN
    RETURN NULL;
  END IF;
  -- The gaps are found among the project's leases. Where these are many, it is cheaper that each draw passes over a few
  -- open tasks that are answered by them: the cursor moves on only once the square of their number reaches that of the
  -- leases, which is tried as often as their number has doubled.
  v_passed := least(v_passed, 4096);
  SELECT p.n_runs - p.cursor_runs INTO v_since FROM contributor_progress p
  WHERE p_cursor IS NOT NULL AND p.project_id = p_project_id AND p.contributor = p_contributor;
  v_before := greatest(v_passed - coalesce(v_since, v_passed), 1);
  v_most := 256;
  IF floor(log(2, greatest(v_passed, 1))) > floor(log(2, v_before)) THEN
    v_most := greatest(v_most, v_passed * v_passed);
  END IF;
  v_leased := ARRAY(SELECT l.task_id FROM assignment l
                    WHERE l.project_id = p_project_id AND l.state IN ('leased', 'reserved')
                    ORDER BY l.project_id, l.deadline LIMIT v_most + 1);
  IF cardinality(v_leased) > v_most THEN
    RETURN ARRAY[v_task, v_breadth] || v_gaps;
  END IF;
  SELECT array_agg(s.task_id ORDER BY
    CASE WHEN p_order IN ('breadth', 'breadth_priority') THEN s.breadth END,
    CASE WHEN p_order IN ('priority', 'breadth_priority') THEN -s.priority_0 END,
    CASE WHEN p_order IN ('created') THEN s.created END,
    s.task_id)
  INTO v_all
  FROM task_slots s
  WHERE s.task_id = ANY (v_leased || v_gaps || v_first)
    AND (s.task_id = v_first OR (NOT s.completed AND (NOT s.is_open OR s.task_id = ANY (v_gaps))
      AND coalesce((SELECT a.state FROM assignment a
                    WHERE a.task_id = s.task_id AND a.contributor = p_contributor),
                   'offered') NOT IN ('counted', 'surplus')));
  -- More gaps than can be looked at each time: the list begins with the first that is too many.
  v_all := v_all[1:least(array_position(v_all, v_first), 51)];
  v_first := v_all[cardinality(v_all)];
  RETURN ARRAY[v_first, (SELECT s.breadth FROM task_slots s WHERE s.task_id = v_first)]
    || v_all[1:cardinality(v_all) - 1];
END $$;
