-- Where this contributor's list begins in this order, moved on if it is time: a task, its breadth as it was when the place
-- was found, and then the holes before that; null where it is the beginning. Before that place everything but the holes is
-- complete or answered by them, as long as nothing was rearranged since. Empty if looking would take long, and others
-- wait in the same transaction.
CREATE OR REPLACE FUNCTION workbee_list_from(p_project bigint, p_contributor text, p_order text, p_alone boolean)
RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  v_rearranged bigint;
  v_place bigint[];
  v_since bigint;
  v_next bigint[];
BEGIN
  -- Read before the list is: what is rearranged later makes the place invalid.
  SELECT c.rearranged, CASE WHEN is_good THEN ARRAY[p.list_from, coalesce(p.list_breadth, 0)] || p.list_holes END,
    CASE WHEN is_good THEN p.n_runs - p.list_runs ELSE p.n_runs END
  INTO v_rearranged, v_place, v_since
  FROM contributor_progress p JOIN project_counter c ON c.project_id = p.project_id AND c.shard = 0, LATERAL (
    SELECT coalesce(p.list_order = p_order AND p.list_rearranged = c.rearranged, false) AS is_good
  ) known
  WHERE p.project_id = p_project AND p.contributor = p_contributor;
  IF v_since > 1000 AND NOT p_alone THEN
    RETURN '{}';
  END IF;
  IF coalesce(v_since, 0) >= 8 THEN
    v_next := workbee_first_unanswered(p_project, p_contributor, p_order, v_place);
    IF v_next IS NOT NULL THEN
      UPDATE contributor_progress p SET list_order = p_order, list_rearranged = v_rearranged, list_from = v_next[1],
        list_breadth = v_next[2], list_holes = nullif(v_next[3:], '{}'), list_runs = p.n_runs
      WHERE p.project_id = p_project AND p.contributor = p_contributor;
      RETURN v_next;
    END IF;
  END IF;
  RETURN v_place;
END $$;
