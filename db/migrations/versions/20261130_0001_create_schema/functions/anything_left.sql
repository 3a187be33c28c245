-- Whether the project has a task that is not complete and that this contributor has not answered: one that they hold, an
-- open one, or one that others hold. Open ones are looked for from the remembered place on (`workbee_list_from`), and
-- only where nothing is found from the beginning: the place is a hint. Stable, so that all looks see the same moment.
CREATE OR REPLACE FUNCTION workbee_anything_left(p_project bigint, p_contributor text)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_held bigint;
  v_order text;
  v_place bigint[];
BEGIN
  SELECT (SELECT a.task_id FROM assignment a
          WHERE (a.project_id, a.contributor) >= (p_project, p_contributor)
            AND (a.project_id, a.contributor) <= (p_project, p_contributor) AND a.state = 'held'
          ORDER BY a.project_id, a.contributor LIMIT 1),
    place.* INTO v_held, v_order, v_place
  FROM (SELECT 1) one LEFT JOIN (
    SELECT p.list_order, ARRAY[p.list_from, coalesce(p.list_breadth, 0)] || p.list_holes
    FROM contributor_progress p JOIN project_counter c ON c.project_id = p.project_id AND c.shard = 0
    WHERE p.project_id = p_project AND p.contributor = p_contributor AND p.list_rearranged = c.rearranged
  ) place ON true;
  IF v_held IS NOT NULL THEN
    RETURN true;
  END IF;
  IF v_place IS NOT NULL THEN
    PERFORM FROM workbee_list(p_project, p_contributor, v_order, false, NULL, NULL, 1, 0, v_place);
    IF FOUND THEN
      RETURN true;
    END IF;
  END IF;
  PERFORM FROM workbee_list(p_project, p_contributor, 's.task_id', false, NULL, NULL, 1, 0, NULL);
  IF FOUND THEN
    RETURN true;
  END IF;
  -- What is neither complete nor open is held by others, of whom there are as many as there are people at work. A
  -- subquery with an order that only the meant index has: within EXISTS it would be dropped.
  RETURN coalesce((
    SELECT true FROM assignment h WHERE h.project_id = p_project AND h.state IN ('held', 'reserved')
      AND coalesce((SELECT a.state FROM assignment a WHERE a.task_id = h.task_id AND a.contributor = p_contributor),
                   'lent') NOT IN ('counted', 'surplus')
    ORDER BY h.deadline LIMIT 1), false);
END $$;
