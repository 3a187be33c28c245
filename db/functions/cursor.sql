-- The cursor of this contributor's list in this order, moved on if it is time: a task, its breadth as it was when the
-- cursor was put there, and then the gaps before it; null where the list begins at the beginning. Before the cursor
-- everything but the gaps is complete or answered by them, as long as the list's generation is the same. Empty if
-- looking would take long, and others wait in the same transaction.
CREATE OR REPLACE FUNCTION workbee_cursor(p_project_id bigint, p_contributor text, p_order text, p_single boolean)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  v_generation bigint;
  v_cursor bigint[];
  v_since bigint;
  v_next bigint[];
BEGIN
  -- Read before the list is: what changes in it later makes the cursor void.
  SELECT known.generation,
    CASE WHEN is_good THEN ARRAY[p.cursor_task_id, coalesce(p.cursor_breadth, 0)] || p.cursor_gaps END,
    CASE WHEN is_good THEN p.n_runs - p.cursor_runs ELSE p.n_runs END
  INTO v_generation, v_cursor, v_since
  FROM contributor_progress p JOIN project_counter c ON c.project_id = p.project_id AND c.shard = 0, LATERAL (
    SELECT workbee_generation(p_order, c.list_generation, c.n_insertions) AS generation
  ) known, LATERAL (
    SELECT coalesce(p.cursor_order = p_order AND p.cursor_generation = known.generation, false) AS is_good
  ) found
  WHERE p.project_id = p_project_id AND p.contributor = p_contributor;
  IF v_since > 1000 AND NOT p_single THEN
    RETURN '{}';
  END IF;
  IF coalesce(v_since, 0) >= 8 THEN
    v_next := workbee_next_cursor(p_project_id, p_contributor, p_order, v_cursor);
    IF v_next IS NOT NULL THEN
      UPDATE contributor_progress p SET cursor_order = p_order, cursor_generation = v_generation,
        cursor_task_id = v_next[1], cursor_breadth = v_next[2], cursor_gaps = nullif(v_next[3:], '{}'),
        cursor_runs = p.n_runs
      WHERE p.project_id = p_project_id AND p.contributor = p_contributor;
      RETURN v_next;
    END IF;
  END IF;
  RETURN v_cursor;
END $$;
