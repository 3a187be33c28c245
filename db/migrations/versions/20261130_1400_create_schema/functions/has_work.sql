-- Whether the project has a task that is not complete and that this contributor has not answered: one that they have
-- leased, an open one, or one that others have leased. Open ones are looked for from the cursor on (`workbee_cursor`),
-- and only where nothing is found from the beginning: the cursor is a hint. Stable, so that all looks see the same
-- moment.
CREATE OR REPLACE FUNCTION workbee_has_work(p_project_id bigint, p_contributor text)
RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
  v_leased bigint;
  v_order text;
  v_cursor bigint[];
BEGIN
  SELECT (SELECT a.task_id FROM assignment a
          WHERE (a.project_id, a.contributor) >= (p_project_id, p_contributor)
            AND (a.project_id, a.contributor) <= (p_project_id, p_contributor) AND a.state = 'leased'
          ORDER BY a.project_id, a.contributor LIMIT 1),
    found.* INTO v_leased, v_order, v_cursor
  FROM (SELECT 1) one LEFT JOIN (
    SELECT p.cursor_order, ARRAY[p.cursor_task_id, coalesce(p.cursor_breadth, 0)] || p.cursor_gaps
    FROM contributor_progress p JOIN project_counter c ON c.project_id = p.project_id AND c.shard = 0
    WHERE p.project_id = p_project_id AND p.contributor = p_contributor
      AND p.cursor_generation = workbee_generation(p.cursor_order, c.list_generation, c.n_insertions)
  ) found ON true;
  IF v_leased IS NOT NULL THEN
    RETURN true;
  END IF;
  IF v_cursor IS NOT NULL THEN
    PERFORM FROM workbee_open_tasks(p_project_id, p_contributor, v_order, NULL, false, NULL, NULL, 1, 0, v_cursor);
    IF FOUND THEN
      RETURN true;
    END IF;
  END IF;
  PERFORM FROM workbee_open_tasks(p_project_id, p_contributor, 'id', NULL, false, NULL, NULL, 1, 0, NULL);
  IF FOUND THEN
    RETURN true;
  END IF;
  -- What is neither complete nor open is leased by others, of whom there are as many as there are people at work. A
  -- subquery with an order that only the meant index has: within EXISTS it would be dropped.
  RETURN coalesce((
    SELECT true FROM assignment l WHERE l.project_id = p_project_id AND l.state IN ('leased', 'reserved')
      AND coalesce((SELECT a.state FROM assignment a WHERE a.task_id = l.task_id AND a.contributor = p_contributor),
                   'offered') NOT IN ('counted', 'surplus')
    ORDER BY l.deadline LIMIT 1), false);
END $$;
