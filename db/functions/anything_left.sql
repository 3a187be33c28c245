-- Whether the project has a task that is not complete and that this contributor has not answered. What is neither is
-- held by others, of whom there are as many as there are people at work, or it is open; both are found by their index.
-- Open tasks are looked for from the remembered place on (`workbee_list_from`), then among the holes before it, and only
-- where nothing is found from the beginning: the place is a hint. Stable, so that all looks see the same moment.
CREATE OR REPLACE FUNCTION workbee_anything_left(p_project bigint, p_contributor text)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_order text;
  v_from bigint;
  v_holes bigint[];
BEGIN
  -- Subqueries with an order that only the meant index has: within EXISTS it would be dropped.
  IF (SELECT true FROM assignment h WHERE h.project_id = p_project AND h.state IN ('held', 'reserved')
      AND coalesce((SELECT a.state FROM assignment a WHERE a.task_id = h.task_id AND a.contributor = p_contributor),
                   'lent') NOT IN ('counted', 'surplus')
      ORDER BY h.deadline LIMIT 1) THEN
    RETURN true;
  END IF;
  SELECT p.list_order, p.list_from, p.list_holes INTO v_order, v_from, v_holes
  FROM contributor_progress p JOIN project_counter c ON c.project_id = p.project_id AND c.shard = 0
  WHERE p.project_id = p_project AND p.contributor = p_contributor AND p.list_rearranged = c.rearranged;
  IF v_from IS NOT NULL AND workbee_first_unanswered(p_project, p_contributor, v_order, v_from, v_holes) IS NOT NULL THEN
    RETURN true;
  END IF;
  RETURN workbee_first_unanswered(p_project, p_contributor, 's.task_id', NULL, NULL) IS NOT NULL;
END $$;
